//! What is kept: a trait, its SQL, its migrations.
