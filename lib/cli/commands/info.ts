/** `rockpool-node info` */
import type { Command } from 'commander';
import { action, type Context } from '../context.js';
import type { Content } from '../files.js';
import { inputDtOption } from '../options.js';
import { fields } from '../output.js';
import { reportOf } from '../exit.js';

const help = `
Time series, arrays, sounds, networks, layers, modules, NIR graphs, snapshots and checkpoints of trainings: everything that
this program reads. Files that cannot be read do not keep the others from being told of; the exit code is theirs.

Examples:
  rockpool-node info net.json
  rockpool-node info recordings/*.wav --json`;

export function register(program: Command): void {
  program
    .command('info')
    .argument('<files...>', 'any file: npz, npy, wav, csv, json, nir, aedat')
    .description('Tell what files hold: type, sizes, channels, duration.')
    .addOption(inputDtOption())
    .addHelpText('after', help)
    .action(action(info));
}

async function info(context: Context, files: string[], { inputDt }: { inputDt?: number }): Promise<void> {
  const { output, signal } = context;
  const { stat } = await import('node:fs/promises');
  const failures: unknown[] = [];
  for (const [i, file] of files.entries()) {
    signal.throwIfAborted();
    try {
      const content = await contentOf(file, inputDt, signal);
      const { size } = await stat(file);
      const { data, text } = await describe(file, content);
      const title = `${file}: ${content.format}, ${size} bytes\n`;
      await output.result({ file, format: content.format, bytes: size, kind: content.kind, ...data }, () =>
        [...(i > 0 ? [''] : []), title + text].join('\n'),
      );
    } catch (error) {
      if (signal.aborted) throw error;
      if (failures.length > 0) output.warning(reportOf(failures[failures.length - 1]));
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[failures.length - 1];
}

/** With a time step, samples without times are a series, where there are any. */
async function contentOf(file: string, dt: number | undefined, signal: AbortSignal): Promise<Content> {
  const { readContent, seriesOf } = await import('../files.js');
  const content = await readContent(file, { dt, signal });
  if (dt === undefined || content.kind !== 'arrays') return content;
  try {
    return { format: content.format, kind: 'series', series: seriesOf(file, content, dt) };
  } catch {
    return content; // several arrays, or texts
  }
}

async function describe(file: string, content: Content): Promise<{ data: object; text: string }> {
  if (content.kind === 'series') {
    const { seriesInfo, seriesText } = await import('../describe.js');
    const data = seriesInfo(content.series);
    const { details = {} } = content;
    const lines = [seriesText(data), ...(content.details ? [fields(details)] : [])];
    return { data: { ...data, ...details }, text: lines.join('\n') };
  }
  if (content.kind === 'arrays' || content.kind === 'snapshot') {
    const { arraysInfo, arraysText } = await import('../describe.js');
    const arrays = arraysInfo(content.arrays);
    const training = content.kind === 'snapshot' ? { training: content.training } : {};
    const what = content.kind === 'arrays' ? 'arrays:' : content.training ? 'checkpoint of a training:' : 'snapshot:';
    return { data: { ...training, arrays }, text: `${what}\n${arraysText(arrays)}` };
  }
  if (content.kind === 'graph') {
    const { graphInfo, graphText } = await import('../describe-model.js');
    const data = graphInfo(content.graph);
    return { data, text: graphText(data) };
  }
  const { modelOfContent } = await import('../model.js');
  const { modelInfo, modelText } = await import('../describe-model.js');
  const model = await modelOfContent(file, content);
  const data = modelInfo(model);
  return { data: { ...data, kind: model.kind }, text: modelText(data) };
}
