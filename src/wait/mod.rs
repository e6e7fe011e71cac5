//! One polling loop; conditions are values and the clock is an input.
