//! Archives made for the purpose.
