/** Combinators: modules made of modules. */
export { Sequential, sequential } from './sequential.js';
export { Residual } from './residual.js';
export { FFwdStack, type FFwdStackOptions } from './ffwd-stack.js';
export type { AnyModule, ChainArguments, NamedModules } from './chain.js';
