/** Makes the layers of the tests known for loading. */
import { registerLayerClass } from 'rockpool-node/layers';
import { Accumulator, EventCounter } from './helpers.js';

registerLayerClass('Accumulator', Accumulator);
registerLayerClass('EventCounter', EventCounter);
