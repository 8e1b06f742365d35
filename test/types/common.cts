// The same for a CommonJS user.
import rockpool = require('rockpool-node');
const info: rockpool.BuildInfo = rockpool.buildInfo();
export = info;
