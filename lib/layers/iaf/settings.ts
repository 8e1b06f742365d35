/** The choices of an integrate-and-fire layer that are not numbers for each unit. */
import { checkBoolean, checkOneOf, rangeError } from '../../check.js';
import { checkPrecision, type NoiseScaling, type Precision } from '../rate-options.js';
import type { IAFModel } from './model.js';
import {
  checkSpikeTime,
  defaultSpikeTime,
  type IAFIntegrator,
  type NeuronEquations,
  type Numerics,
  readIntegratorName,
  type SpikeTime,
} from './options.js';

export interface Settings {
  readonly numerics: Numerics;
  readonly precision: Precision;
  readonly spikeTime: SpikeTime;
  readonly integrator: IAFIntegrator;
  readonly neuronEq: NeuronEquations;
  readonly noiseScaling: NoiseScaling;
  readonly noiseOnSynapse: boolean;
  readonly blendInput: boolean;
  readonly legacyConstantLeak: boolean;
}

type Given = Readonly<Record<string, unknown>>;

const defaultIntegrators = { brian: 'rk4', torch: 'euler', nest: 'exact' } as const;

function readIntegrator(given: Given, model: IAFModel): IAFIntegrator {
  const fallback = defaultIntegrators[model.backend];
  if (model.backend === 'brian') return readIntegratorName(given['integratorName'] ?? fallback, model);
  return checkOneOf<IAFIntegrator>(given['integrator'] ?? fallback, 'integrator', ['euler', 'exact', 'rk4']);
}

function readBlend(given: Given, model: IAFModel, legacy: boolean, integrator: IAFIntegrator): boolean {
  const possible = model.backend === 'brian' && model.input !== 'events' && integrator === 'rk4';
  if (given['blendInput'] === undefined) return legacy && possible;
  const blend = checkBoolean(given['blendInput'], 'blendInput');
  if (blend && !possible) throw rangeError('blendInput', "false unless integratorName is 'rk4'", blend);
  return blend;
}

/** Reads the options; what is not given follows from `numerics`. */
export function readSettings(given: Given, model: IAFModel): Settings {
  const numerics = checkOneOf<Numerics>(given['numerics'] ?? 'native', 'numerics', ['native', 'legacy']);
  const legacy = numerics === 'legacy';
  const integrator = readIntegrator(given, model);
  const settings: Settings = {
    numerics,
    precision: checkPrecision(given['precision']),
    spikeTime: checkSpikeTime(given['spikeTime'] ?? defaultSpikeTime(numerics, model.backend)),
    integrator,
    neuronEq: checkOneOf<NeuronEquations>(given['neuronEq'] ?? 'iaf', 'neuronEq', ['iaf', 'constant_leak']),
    noiseScaling: checkOneOf<NoiseScaling>(
      given['noiseScaling'] ?? (legacy ? 'legacy' : 'stationary'),
      'noiseScaling',
      ['legacy', 'stationary'],
    ),
    noiseOnSynapse: checkBoolean(
      given['noiseOnSynapse'] ?? (legacy && model.noiseOnSynapse === true),
      'noiseOnSynapse',
    ),
    blendInput: readBlend(given, model, legacy, integrator),
    legacyConstantLeak: checkBoolean(
      given['legacyConstantLeak'] ?? (legacy && model.constantLeak === true),
      'legacyConstantLeak',
    ),
  };
  if (settings.noiseOnSynapse && settings.noiseScaling === 'stationary' && given['noiseScaling'] !== undefined)
    throw rangeError('noiseScaling', "'legacy' for noise that goes through the synapse", settings.noiseScaling);
  return settings.noiseOnSynapse ? { ...settings, noiseScaling: 'legacy' } : settings;
}

const keys: Readonly<Partial<Record<keyof Settings, string>>> = {
  precision: 'precision',
  spikeTime: 'spike_time',
  integrator: 'integrator',
  neuronEq: 'neuron_eq',
  noiseScaling: 'noise_scaling',
  noiseOnSynapse: 'noise_on_synapse',
  blendInput: 'blend_input',
  legacyConstantLeak: 'legacy_constant_leak',
};

/** The original's entries, and others where they are not what follows from `numerics`. */
export function settingsToDict(settings: Settings, model: IAFModel): Record<string, unknown> {
  const { numerics, integrator } = settings;
  const { backend } = model;
  const dict: Record<string, unknown> = {
    ...(numerics === 'legacy' && { numerics }),
    ...(backend === 'brian' && { integrator_name: integrator }),
  };
  const implied = readSettings({ numerics, ...(backend === 'brian' && { integratorName: integrator }) }, model);
  for (const [name, key] of Object.entries(keys) as [keyof Settings, string][]) {
    if (settings[name] !== implied[name]) dict[key] = settings[name];
  }
  return dict;
}
