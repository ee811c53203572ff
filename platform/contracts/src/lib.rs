//! The published language of Quorate: what services say to each other and to the world.

pub mod math_func;
