//! From files to leads and activity, and back.
