//! What becomes of answers.

use std::io;

use crate::stream::Answered;

/// What becomes of answers. Leads are answered in blocks, several at once; a block gathers what is wanted of its leads, and
/// blocks come out in the order of the leads.
pub trait Sink: Sync {
    /// What a block gathers: lines of text, counts.
    type Block: Default + Send;
    /// Where blocks go.
    type Out: ?Sized;

    /// Adds a lead's answer to its block.
    fn add(&self, block: &mut Self::Block, answered: &Answered<'_>);

    /// Takes a block, by one thread, in the order of the leads.
    ///
    /// # Errors
    /// Where nothing more can be taken, which ends the run.
    fn take(&self, out: &mut Self::Out, block: Self::Block) -> io::Result<()>;
}
