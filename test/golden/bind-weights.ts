/** Bindings of the weight generators. */
import { required, type Callable } from './api.js';
import { camelCase } from './arguments.js';
import { bindClass, type MethodBinding } from './bindings.js';
import { Signature } from './arguments.js';

/** Draws anew at every call; the original's seed means nothing to ours. `pick` takes the matrix that is recorded out of the result. */
function generator(
  text: string,
  pick: (result: Record<string, unknown>) => unknown = (w) => w,
  more = {},
): MethodBinding {
  return weightFunction(text, pick, (env) => ({ seed: env.nextSeed(), ...more }));
}

type Invoke = MethodBinding['invoke'];

function weightFunction(
  text: string,
  pick: (result: Record<string, unknown>) => unknown,
  extra: (env: Parameters<Invoke>[2]) => Record<string, unknown> = () => ({}),
): MethodBinding {
  const signature = new Signature(text);
  const invoke: Invoke = (_self, args, env) => {
    const ours = signature.toOurs(args, env);
    const given = signature.options.some((p) => args.has(p.name)) ? (ours.pop() as object) : {};
    const options = { ...extra(env), ...given };
    while (ours.length < signature.positional.length) ours.push(undefined);
    if (Object.keys(options).length > 0) ours.push(options);
    return pick((required(camelCase(signature.pythonName)) as Callable)(...ours) as Record<string, unknown>);
  };
  return { signature, invoke };
}

const weights = (result: Record<string, unknown>): unknown => result['weights'];
const pair =
  (a: string, b: string) =>
  (result: Record<string, unknown>): unknown => [result[a], result[b]];

const limits = 'connectivity?, ratio_exc, max_num_inputs, max_num_outputs';
const discrete = 'weights_exc, weights_inh';

bindClass({
  constructor_: 'weights()',
  exportName: 'unitLambdaNet',
  statics: [
    generator('unit_lambda_net(res_size)'),
    generator('rndm_ei_net(num_exc, num_inh; ratio_inh_exc)'),
    generator(
      'rndm_sparse_ei_net(res_size; connectivity, rndm_weight_fct?, partitioned, ratio_exc, scale_inh, normalization)',
    ),
    generator('wilson_cowan_net(num_nodes; self_exc, self_inh, exc_sigma, inh_sigma)'),
    generator('iaf_sparse_net(res_size; mean?, std?, density)'),
    generator('two_dim_exc_res(size, n_neighbour, width_neighbour; grid_dim?, multiple_conn)'),
    generator('add_random_long_range(weights_res, num_long_range; avoid_existing, multiple_conn)'),
    generator(
      'partitioned_2d_reservoir(; size_in, size_rec, size_inhib, max_fanin, num_inp_to_rec, num_rec_to_inhib, num_inhib_to_rec, num_rec_short, num_rec_long, width_neighbour, input_sparsity, input_sparsity_type?)',
    ),
    generator('inp_to_rec(; size_in, size_rec, num_inp_to_rec, input_sparsity, input_sparsity_type?, allow_multiples)'),
    generator('ring_reservoir(; size_in, size_rec, num_inp_to_rec)'),
    generator('gen_sparse_partitioned_network(partition_sizes; num_internal_inputs, num_between_inputs)', (result) => [
      result['weights'],
      result['connections'],
    ]),
    generator(`dynapse_conform(shape; ${limits}, ${discrete}, probs_w_exc, probs_w_inh, normalization?)`, weights),
    generator(
      `in_res_dynapse(size; input_density, connectivity?, ratio_exc_rec, ratio_exc_in, max_num_inputs, max_num_outputs, ${discrete}, probs_w_exc_rec, probs_w_inh_rec, tupfProbWExcIn, tupfProbWInhIn, normalization?, verbose, leave_space_for_input)`,
      weights,
    ),
    generator(
      `in_res_dynapse_flex(size; size_in?, max_fanin, input_density, connectivity?, ratio_exc_rec, ratio_exc_in, max_num_inputs, max_num_outputs, ${discrete}, probs_w_exc_rec, probs_w_inh_rec, tupfProbWExcIn, tupfProbWInhIn, normalization?, verbose, leave_space_for_input)`,
      weights,
    ),
    // The range that the original uses is an option of ours.
    generator(
      'digital(shape; connectivity?, ratio_exc, bit_resolution, max_num_inputs, max_num_outputs, use_range, normalization?, f_rescale?)',
      weights,
      { range: 'legacy' },
    ),
    generator(
      'in_res_digital(size; input_density, connectivity?, ratio_exc_rec, ratio_exc_in, bit_resolution, max_num_inputs, max_num_outputs, ratio_rec_in, normalization?, verbose, leave_space_for_input)',
      weights,
      { range: 'legacy' },
    ),
    weightFunction('combine_ff_rec_stack(weights_ff, weights_rec)', (w) => w),
    weightFunction('one_dim_exc_res(size, n_neighbour; zero_diagnoal)', (w) => w),
    weightFunction(
      'DiscretiseWeightMatrix(weights; max_num_connections, max_num_inputs?, max_num_outputs?)',
      pair('weights', 'counts'),
    ),
    weightFunction('wipe_non_switiching_eigs(weights; idcs_inh?, inh_tau_factor)', pair('weights', 'jacobian')),
  ],
});
