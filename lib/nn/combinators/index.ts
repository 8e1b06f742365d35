/** Combinators of the module API (Sequential, FFwdStack, Residual). None is ported yet. */
export {};
