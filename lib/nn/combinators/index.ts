/** Combinators of the module API. */
export * from '../../combinators/index.js';
