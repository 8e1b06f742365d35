declare module 'node-gyp-build' {
  function load(dir: string): unknown;
  namespace load {
    /** The file that `load` would load. */
    function resolve(dir: string): string;
  }
  export = load;
}
