//! The first look at a rule file: tokens, comments, and a straightened copy of the text.
//!
//! Owns what must be settled before a parser sees the text: comments are blanked, quotes and spaces from documents are
//! straightened (byte for byte, so that places stay true), invisible characters are refused, nesting is bounded.
//! Tokens only guide recovery and messages; what is valid the grammar decides.

use crate::diagnostic::Diagnostic;
use crate::messages::syntax as say;
use crate::reserved;
use crate::shown::is_unsafe;
use crate::source::{FileId, Span, closing_quote, is_blank, offset, opens_text};

/// Deeper nesting of parentheses, brackets, `not` and minus signs is refused.
pub(super) const DEEPEST: usize = 128;

/// A piece of the text that stands for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// What it looks like.
    pub kind: Kind,
    /// Its first byte.
    pub start: u32,
    /// The byte behind its last.
    pub end: u32,
    /// Whether it is the first on its line.
    pub starts_line: bool,
    /// Of brackets and braces: the token that closes or opens it, if there is one.
    pub partner: Option<u32>,
}

/// What a token looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A word, reserved or not.
    Word,
    /// A number or a date, with what touches it.
    Number,
    /// A text in quotes.
    Text,
    /// A text whose quote is never closed; it ends with its line.
    UnclosedText,
    /// A name in backticks.
    Quoted,
    /// `(`, `[` or `{`
    Open(u8),
    /// `)`, `]` or `}`
    Close(u8),
    /// `;`
    Semi,
    /// `,`
    Comma,
    /// `:`
    Colon,
    /// A sign of comparison or arithmetic.
    Operator,
    /// Any other character.
    Other,
}

pub(super) struct Scan<'t> {
    /// The text as it is written.
    pub text: &'t str,
    pub tokens: Vec<Token>,
    pub comments: Vec<Span>,
    /// The text for the parser, of the same length as the file.
    pub clean: String,
    /// Tokens at which the nesting became too deep: the statements that hold them are not parsed.
    pub too_deep: Vec<usize>,
    pub diagnostics: Vec<Diagnostic>,
}

impl Scan<'_> {
    pub fn word(&self, i: usize) -> &str {
        self.tokens.get(i).map_or("", |t| self.slice(t))
    }

    /// A token with straight quotes.
    pub fn slice(&self, t: &Token) -> &str {
        // Blanks stand in for what a curly quote takes more.
        self.clean.get(t.start as usize..t.end as usize).unwrap_or("").trim()
    }

    /// The characters as they are written that stand where the parser sees these bytes of `clean`: none is taken in part.
    pub fn place(&self, file: FileId, start: usize, end: usize) -> Span {
        let start = self.text.floor_char_boundary(start);
        Span { file, start: offset(start), end: offset(self.text.ceil_char_boundary(end).max(start)) }
    }

    /// Whether token `i` is this word, in any case.
    pub fn is_word(&self, i: usize, word: &str) -> bool {
        self.tokens.get(i).is_some_and(|t| t.kind == Kind::Word) && self.word(i).eq_ignore_ascii_case(word)
    }

    pub fn kind(&self, i: usize) -> Option<Kind> {
        self.tokens.get(i).map(|t| t.kind)
    }

    pub fn is_name(&self, i: usize) -> bool {
        match self.kind(i) {
            Some(Kind::Quoted) => true,
            Some(Kind::Word) => !reserved::is_reserved(self.word(i)),
            _ => false,
        }
    }
}

pub(super) fn scan(file: FileId, text: &str) -> Scan<'_> {
    let mut scanner = Scanner {
        file,
        text,
        at: 0,
        fresh_line: true,
        clean: Vec::with_capacity(text.len()),
        out: Scan {
            text,
            tokens: Vec::new(),
            comments: Vec::new(),
            clean: String::new(),
            too_deep: Vec::new(),
            diagnostics: Vec::new(),
        },
        junk_end: usize::MAX,
        line_end: 0,
        no_block_end: false,
    };
    scanner.line_end = text.find(['\n', '\r']).unwrap_or(text.len());
    while scanner.at < text.len() {
        scanner.step();
    }
    let mut out = scanner.out;
    // Every replacement is whole characters for whole characters, so this is always UTF-8.
    out.clean = String::from_utf8(scanner.clean).unwrap_or_else(|_| text.to_owned());
    pair_brackets(&mut out.tokens);
    bound_nesting(file, &mut out);
    out
}

struct Scanner<'a> {
    file: FileId,
    text: &'a str,
    at: usize,
    fresh_line: bool,
    clean: Vec<u8>,
    out: Scan<'a>,
    junk_end: usize,
    /// The end of the line that was last asked for.
    line_end: usize,
    /// Whether a search for `*/` has failed.
    no_block_end: bool,
}

impl<'a> Scanner<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span { file: self.file, start: offset(start), end: offset(end) }
    }

    fn push(&mut self, kind: Kind, len: usize) {
        let token = Token {
            kind,
            start: offset(self.at),
            end: offset(self.at + len),
            starts_line: std::mem::take(&mut self.fresh_line),
            partner: None,
        };
        self.out.tokens.push(token);
    }

    /// Takes `len` bytes as they are.
    fn keep(&mut self, len: usize) {
        self.clean.extend_from_slice(&self.text.as_bytes()[self.at..self.at + len]);
        self.at += len;
    }

    /// Replaces `len` bytes by white space, line ends kept.
    fn blank(&mut self, len: usize) {
        let bytes = &self.text.as_bytes()[self.at..self.at + len];
        self.clean.extend(bytes.iter().map(|&b| if b == b'\n' { b'\n' } else { b' ' }));
        self.at += len;
    }

    fn token(&mut self, kind: Kind, len: usize) {
        self.push(kind, len);
        self.keep(len);
    }

    fn step(&mut self) {
        let Some(c) = self.rest().chars().next() else { return };
        let len = c.len_utf8();
        match c {
            '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => {
                self.fresh_line = true;
                self.blank(len);
            }
            _ if is_blank(c) => self.blank(len),
            '#' => self.comment(),
            '/' if self.rest().starts_with("//") => self.foreign_comment("//"),
            '/' if self.rest().starts_with("/*") => self.foreign_comment("/*"),
            '-' if self.is_dash_comment() => self.foreign_comment("--"),
            _ if opens_text(c) => self.text_token(c),
            '\'' | '‘' | '’' | '‚' => self.single_quoted(c),
            '`' => self.quoted_name(),
            '0'..='9' => self.number(),
            '(' | '[' | '{' => self.token(Kind::Open(c as u8), 1),
            ')' | ']' | '}' => self.token(Kind::Close(c as u8), 1),
            ';' => self.token(Kind::Semi, 1),
            ',' => self.token(Kind::Comma, 1),
            ':' => self.token(Kind::Colon, 1),
            '=' | '<' | '>' | '!' | '+' | '-' | '*' | '/' | '&' | '|' | '–' | '—' | '−' | '≤' | '≥' | '≠' => {
                self.operator()
            }
            _ if c == '_' || c.is_alphabetic() => {
                let len =
                    self.rest().find(|c: char| c != '_' && !crate::text::is_word_char(c)).unwrap_or(self.rest().len());
                // Letters that the grammar does not count as letters stand for themselves.
                self.token(Kind::Word, len.max(c.len_utf8()));
            }
            _ if is_invisible(c) => self.invisible(c),
            _ => self.token(Kind::Other, len),
        }
    }

    /// How many bytes of this line are left.
    fn line_rest(&mut self) -> usize {
        if self.line_end < self.at {
            self.line_end = self.rest().find(['\n', '\r']).map_or(self.text.len(), |len| self.at + len);
        }
        self.line_end - self.at
    }

    fn comment(&mut self) {
        let len = self.line_rest();
        let span = self.span(self.at, self.at + len);
        self.out.comments.push(span);
        self.refuse_invisible(self.at, len);
        self.blank(len);
    }

    /// `--` begins a comment in other languages. Between values it is two minus signs, so it is told only where it
    /// stands alone: first on its line, or with space on both sides.
    fn is_dash_comment(&self) -> bool {
        let rest = self.rest();
        let spaced =
            rest.strip_prefix("--").is_some_and(|r| r.starts_with(|c| is_blank(c) && !matches!(c, '\n' | '\r')));
        rest.starts_with("--") && (spaced || self.fresh_line && rest[2..].starts_with(char::is_alphabetic))
    }

    fn foreign_comment(&mut self, sign: &str) {
        let len = match sign {
            "/*" if !self.no_block_end => match self.rest().find("*/") {
                Some(end) => end + 2,
                None => {
                    self.no_block_end = true;
                    self.line_rest()
                }
            },
            _ => self.line_rest(),
        };
        let span = self.span(self.at, self.at + sign.len());
        self.out.diagnostics.push(say::comment_sign(span, sign));
        self.blank(len);
    }

    fn text_token(&mut self, quote: char) {
        let open = quote.len_utf8();
        let line = self.line_rest();
        let body = &self.rest()[open..line];
        let close = closing_quote(quote, body);
        let (body_len, close_len) = close.unwrap_or((body.len(), 0));
        self.refuse_invisible(self.at + open, body_len);
        let kind = if close.is_some() { Kind::Text } else { Kind::UnclosedText };
        if close.is_none() {
            self.out.diagnostics.push(say::unclosed_text(self.span(self.at, self.at + open)));
        }
        self.push(kind, open + body_len + close_len);
        // The quote stands right before and right behind the text; what a curly quote takes more is white space outside.
        self.clean.extend(std::iter::repeat_n(b' ', open - 1));
        self.clean.push(b'"');
        self.at += open;
        self.keep(body_len);
        if close_len > 0 {
            self.clean.push(b'"');
            self.clean.extend(std::iter::repeat_n(b' ', close_len - 1));
            self.at += close_len;
        }
    }

    fn single_quoted(&mut self, quote: char) {
        let open = quote.len_utf8();
        let line = self.line_rest();
        let end = self.rest()[open..line].char_indices().find(|&(_, c)| matches!(c, '\'' | '‘' | '’'));
        let Some((body_len, close)) = end.map(|(at, c)| (at, c.len_utf8())) else {
            return self.token(Kind::Other, open);
        };
        let body = self.rest()[open..open + body_len].to_owned();
        let span = self.span(self.at, self.at + open + body_len + close);
        self.out.diagnostics.push(say::single_quotes(span, &body));
        self.push(Kind::Text, open + body_len + close);
        self.clean.extend(std::iter::repeat_n(b' ', open - 1));
        self.clean.push(b'"');
        self.at += open;
        // A double quote or backslash inside would end the text too early.
        self.clean.extend(body.bytes().map(|b| if matches!(b, b'"' | b'\\') { b' ' } else { b }));
        self.at += body_len;
        self.clean.push(b'"');
        self.clean.extend(std::iter::repeat_n(b' ', close - 1));
        self.at += close;
    }

    fn quoted_name(&mut self) {
        let line = self.line_rest();
        match self.rest()[1..line].find('`') {
            Some(len) => {
                self.refuse_invisible(self.at + 1, len);
                self.token(Kind::Quoted, len + 2);
            }
            None => {
                let span = self.span(self.at, self.at + 1);
                self.out.diagnostics.push(say::unclosed_name(span));
                self.push(Kind::UnclosedText, line);
                self.keep(line);
            }
        }
    }

    fn number(&mut self) {
        let bytes = self.rest().as_bytes();
        let is_date = bytes.len() >= 10 && bytes[4] == b'-' && bytes[7] == b'-' && bytes[8].is_ascii_digit();
        let mut len = if is_date { 10 } else { 1 };
        while let Some(&b) = bytes.get(len) {
            let goes_on = b.is_ascii_alphanumeric()
                || b == b'_'
                || b == b'%'
                || (b == b'.' && bytes.get(len + 1).is_some_and(u8::is_ascii_digit))
                || (is_date && matches!(b, b':' | b'+') && bytes.get(len + 1).is_some_and(u8::is_ascii_digit));
            if !goes_on {
                break;
            }
            len += 1;
        }
        // Never cut a character in two.
        while !self.rest().is_char_boundary(len) {
            len += 1;
        }
        self.token(Kind::Number, len);
    }

    fn operator(&mut self) {
        let rest = self.rest();
        let len = ["<=", ">=", "<>", "!=", "=>", "=<", "==", "&&", "||"]
            .iter()
            .find(|op| rest.starts_with(**op))
            .map_or_else(|| rest.chars().next().map_or(1, char::len_utf8), |op| op.len());
        self.token(Kind::Operator, len);
    }

    fn invisible(&mut self, c: char) {
        // A run of them is one fault.
        if self.junk_end != self.at {
            let span = self.span(self.at, self.at + c.len_utf8());
            self.out.diagnostics.push(say::invisible_character(span, c));
        }
        self.blank(c.len_utf8());
        self.junk_end = self.at;
    }

    fn refuse_invisible(&mut self, start: usize, len: usize) {
        let found = self.text[start..start + len].char_indices().find(|&(_, c)| is_invisible(c));
        if let Some((at, c)) = found {
            let span = self.span(start + at, start + at + c.len_utf8());
            self.out.diagnostics.push(say::invisible_character(span, c));
        }
    }
}

/// Control characters and marks that change the direction of writing: nobody sees them, and a rule may read other than it is.
fn is_invisible(c: char) -> bool {
    is_unsafe(c) && !matches!(c, '\t' | '\n' | '\r' | '\u{b}' | '\u{c}')
}

fn pair_brackets(tokens: &mut [Token]) {
    let mut open: Vec<usize> = Vec::new();
    for i in 0..tokens.len() {
        match tokens[i].kind {
            Kind::Open(_) => open.push(i),
            Kind::Close(close) => {
                let wanted = match close {
                    b')' => b'(',
                    b']' => b'[',
                    _ => b'{',
                };
                // A brace closes whatever parentheses are still open inside it; a parenthesis never reaches out of braces.
                let mut depth = open.len();
                while depth > 0 {
                    let kind = tokens[open[depth - 1]].kind;
                    if kind == Kind::Open(wanted) || (wanted != b'{' && kind == Kind::Open(b'{')) {
                        break;
                    }
                    depth -= 1;
                }
                if depth > 0 && tokens[open[depth - 1]].kind == Kind::Open(wanted) {
                    let start = open[depth - 1];
                    open.truncate(depth - 1);
                    tokens[start].partner = Some(offset(i));
                    tokens[i].partner = Some(offset(start));
                }
            }
            _ => {}
        }
    }
}

fn bound_nesting(file: FileId, out: &mut Scan<'_>) {
    let mut stack: Vec<usize> = Vec::new();
    let mut depth = 0;
    let mut prefixes = 0;
    let mut after_value = false;
    let mut told = false;
    for i in 0..out.tokens.len() {
        let token = out.tokens[i];
        let word = out.slice(&token);
        let starts =
            matches!(token.kind, Kind::Semi) || (token.kind == Kind::Word && word.eq_ignore_ascii_case("when"));
        if starts || matches!(token.kind, Kind::Open(b'{') | Kind::Close(b'}')) {
            stack.clear();
            (depth, prefixes, after_value, told) = (0, 0, false, false);
            continue;
        }
        let is_minus = token.kind == Kind::Operator && matches!(word, "-" | "–" | "−" | "—" | "+");
        let is_not = (token.kind == Kind::Word && word.eq_ignore_ascii_case("not")) || word == "!";
        match token.kind {
            Kind::Open(_) => {
                stack.push(prefixes + 1);
                depth += prefixes + 1;
                (prefixes, after_value) = (0, false);
            }
            Kind::Close(_) => {
                depth -= stack.pop().unwrap_or(0);
                (prefixes, after_value) = (0, true);
            }
            _ if is_not || (is_minus && !after_value) => prefixes += 1,
            _ => {
                prefixes = 0;
                let goes_on = matches!(token.kind, Kind::Operator | Kind::Comma | Kind::Colon);
                after_value = !goes_on && (token.kind != Kind::Word || !reserved::is_reserved(word));
            }
        }
        if depth + prefixes > DEEPEST && !told {
            told = true;
            out.too_deep.push(i);
            out.diagnostics.push(say::too_deep(Span { file, start: token.start, end: token.end }, DEEPEST));
        }
    }
}
