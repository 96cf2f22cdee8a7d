/** The version of this package, as events tell it. */
export const VERSION = '0.0.0';
