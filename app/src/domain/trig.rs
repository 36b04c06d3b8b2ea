//! Sines and their like. A phone's browser has them; the program need not bring its own.

#[cfg(not(target_arch = "wasm32"))]
mod own {
    pub(super) fn sin(angle: f64) -> f64 {
        angle.sin()
    }
    pub(super) fn cos(angle: f64) -> f64 {
        angle.cos()
    }
    pub(super) fn asin(sine: f64) -> f64 {
        sine.asin()
    }
    pub(super) fn atan2(y: f64, x: f64) -> f64 {
        y.atan2(x)
    }
}

#[cfg(target_arch = "wasm32")]
use js_sys::Math as own;

/// Of an angle in radians.
pub(crate) fn sin(angle: f64) -> f64 {
    own::sin(angle)
}

/// Of an angle in radians.
pub(crate) fn cos(angle: f64) -> f64 {
    own::cos(angle)
}

/// In radians.
pub(crate) fn asin(sine: f64) -> f64 {
    own::asin(sine)
}

/// The angle to a point, in radians.
pub(crate) fn atan2(y: f64, x: f64) -> f64 {
    own::atan2(y, x)
}
