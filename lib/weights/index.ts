/** Generators of weight matrices. All results are indexed [pre, post]. */
export { unitLambdaNet, type RandomOptions, type UnitLambdaNetOptions } from './random-dense.js';
