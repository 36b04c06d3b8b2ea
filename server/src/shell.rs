//! Pages as HTML: the server side of the two doors.
