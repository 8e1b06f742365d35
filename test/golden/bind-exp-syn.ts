/** Bindings of the exponential synapses. */
import { camelCase, toOurValue } from './arguments.js';
import { bindLayer, regression, train } from './bind-layers.js';
import { bindClass, customMethod, member, method, send, textOf, type MethodBinding } from './bindings.js';

const logistic = ['learning_rate', 'regularize', 'batch_size?', 'epochs', 'store_states', 'verbose'];

const training: MethodBinding[] = [
  customMethod(`train_rr(ts_target, ts_input?; store_states, ${regression.join(', ')})`, train('trainRr')),
  customMethod(
    `train(ts_target, ts_input?; is_first, is_last, method, store_states, ${regression.filter((n) => !/^is_/.test(n)).join(', ')})`,
    train('train'),
  ),
  customMethod(`train_logreg(ts_target, ts_input?; ${logistic.join(', ')})`, (self, args, env) => {
    const rest = [...args].filter(([key]) => key !== 'ts_target' && key !== 'ts_input');
    const options = Object.fromEntries(rest.map(([key, value]) => [camelCase(key), toOurValue(value, env)]));
    const [target, input] = ['ts_target', 'ts_input'].map((key) => toOurValue(args.get(key) ?? null, env));
    return send(self, 'trainLogreg', target, input, options);
  }),
];

bindLayer('FFExpSyn(; weights, bias, dt, noise_std, tau_syn, name?, add_events)', training);
bindLayer('FFExpSynTorch(; weights, bias, dt, noise_std, tau_syn, name?, add_events, max_num_timesteps)', training);
bindLayer('FFExpSynBrian(; weights, dt, noise_std, tau_syn, integrator_name, name?)');

for (const name of ['FFExpSynJax', 'FFExpSynCurrentInJax']) {
  bindClass({
    constructor_: `${name}(; w_out, tau, dt?, noise_std, name?, rng_key?)`,
    methods: [
      method('evolve(ts_input?; duration?, num_timesteps?, verbose)'),
      method('reset_all()'),
      method('reset_state()'),
      method('reset_time()'),
      method('to_dict() -> toJSON'),
      customMethod('__str__()', (self) => textOf(self)),
      customMethod('__repr__()', (self) => textOf(self)),
    ],
    attributes: { 'state.Isyn': (self) => member(self, 'state') },
    releases: [0, 2],
  });
}
