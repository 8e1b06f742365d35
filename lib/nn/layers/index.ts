/** The first-generation layer classes as TimedModules; the raw layers under the same name with `V1` appended. No class is adapted yet. */
export {};
