//! What there is to say about lead and activity files.
