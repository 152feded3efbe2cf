//! A look-alike of the HSS pod API.
