//! Nothing: the tests of this package count allocations. They are a package of their own because those of
//! the library have its feature `check`, by which each step verifies the state and allocates for it.
