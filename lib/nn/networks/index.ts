/** Ready-made networks of the module API. None is ported yet. */
export {};
