//! `/api/v1` and the feeds: one file a resource. A handler parses, makes one call, and answers.
