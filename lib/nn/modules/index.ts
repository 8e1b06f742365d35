/** Modules of the module API. No module is ported yet. */
export {};
