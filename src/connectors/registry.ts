/** Placeholder while the real registry is written. */
export class ConnectionRegistry {}
