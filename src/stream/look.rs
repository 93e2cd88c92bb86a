//! How a processor looks at 64 bytes at once.
//!
//! Owns which instructions are used for it: the widest that the processor has, found when the program runs.

#[cfg(target_arch = "x86")]
use std::arch::x86::__m256i;
#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::__m256i;

#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
use pulp::x86::{V3, V4};
use wide::u8x16;

/// Looks at 64 bytes; each gives one bit.
pub trait Look: Copy {
    /// Which bytes are like one.
    fn equal(self, chunk: &[u8; 64], byte: u8) -> u64;

    /// Which bytes are no ASCII.
    fn high(self, chunk: &[u8; 64]) -> u64;
}

/// What is to be done, by whatever way there is to look.
pub trait WithLook {
    /// What comes of it.
    type Output;

    /// Does it.
    fn with(self, look: impl Look) -> Self::Output;
}

/// Does something by the best way to look that the processor has.
#[inline]
pub fn looking<T: WithLook>(what: T) -> T::Output {
    match pulp::Arch::new() {
        #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
        pulp::Arch::V4(simd) => simd.vectorize(Called(what, simd)),
        #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
        pulp::Arch::V3(simd) => simd.vectorize(Called(what, simd)),
        _ => what.with(Sixteens),
    }
}

/// To call something where the instructions of a processor are allowed.
#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
struct Called<T, L>(T, L);

#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
impl<T: WithLook, L: Look> pulp::NullaryFnOnce for Called<T, L> {
    type Output = T::Output;

    #[inline(always)]
    fn call(self) -> T::Output {
        self.0.with(self.1)
    }
}

/// All 64 at once (AVX-512).
#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
impl Look for V4 {
    #[inline(always)]
    fn equal(self, chunk: &[u8; 64], byte: u8) -> u64 {
        self.avx512bw._mm512_cmpeq_epi8_mask(bytemuck::cast(*chunk), self.avx512f._mm512_set1_epi8(byte.cast_signed()))
    }

    #[inline(always)]
    fn high(self, chunk: &[u8; 64]) -> u64 {
        self.avx512bw._mm512_movepi8_mask(bytemuck::cast(*chunk))
    }
}

/// 32 at once (AVX2).
#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
impl Look for V3 {
    #[inline(always)]
    fn equal(self, chunk: &[u8; 64], byte: u8) -> u64 {
        let wanted = self.avx._mm256_set1_epi8(byte.cast_signed());
        let [low, high]: [__m256i; 2] = bytemuck::cast(*chunk);
        bits(self, self.avx2._mm256_cmpeq_epi8(low, wanted), self.avx2._mm256_cmpeq_epi8(high, wanted))
    }

    #[inline(always)]
    fn high(self, chunk: &[u8; 64]) -> u64 {
        let [low, high]: [__m256i; 2] = bytemuck::cast(*chunk);
        bits(self, low, high)
    }
}

/// The high bits of 64 bytes.
#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
#[inline(always)]
fn bits(simd: V3, low: __m256i, high: __m256i) -> u64 {
    u64::from(simd.avx2._mm256_movemask_epi8(low).cast_unsigned())
        | u64::from(simd.avx2._mm256_movemask_epi8(high).cast_unsigned()) << 32
}

/// 16 at once, as almost all processors can.
#[derive(Clone, Copy)]
struct Sixteens;

impl Sixteens {
    #[inline(always)]
    fn bits(chunk: &[u8; 64], of: impl Fn(u8x16) -> u8x16) -> u64 {
        let (parts, _) = chunk.as_chunks::<16>();
        parts.iter().rev().fold(0, |bits, part| bits << 16 | u64::from(of(u8x16::from(*part)).to_bitmask()))
    }
}

impl Look for Sixteens {
    #[inline(always)]
    fn equal(self, chunk: &[u8; 64], byte: u8) -> u64 {
        Sixteens::bits(chunk, |part| part.simd_eq(u8x16::splat(byte)))
    }

    #[inline(always)]
    fn high(self, chunk: &[u8; 64]) -> u64 {
        Sixteens::bits(chunk, |part| part)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    struct Both([u8; 64], u8);

    impl WithLook for Both {
        type Output = (u64, u64);

        fn with(self, look: impl Look) -> (u64, u64) {
            (look.equal(&self.0, self.1), look.high(&self.0))
        }
    }

    proptest! {
        /// Each way to look sees the same.
        #[test]
        fn all_ways_see_the_same(bytes in prop::array::uniform32(any::<[u8; 2]>()), byte: u8, at in 0..64usize) {
            let mut chunk: [u8; 64] = bytemuck::cast(bytes);
            chunk[at] = byte;
            let bits = |is: &dyn Fn(u8) -> bool| chunk.iter().rev().fold(0u64, |bits, &b| bits << 1 | u64::from(is(b)));
            let expected = (bits(&|b| b == byte), bits(&|b| b >= 0x80));
            prop_assert_eq!(looking(Both(chunk, byte)), expected);
            prop_assert_eq!(Both(chunk, byte).with(Sixteens), expected);
            #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
            if let Some(simd) = V3::try_new() {
                prop_assert_eq!(simd.vectorize(Called(Both(chunk, byte), simd)), expected);
            }
        }
    }
}
