package portkey

// Version is the version of this package. The default User-Agent names it.
const Version = "0.1.0"
