/** `rockpool-node build-info` */
import type { Command } from 'commander';
import { action } from '../context.js';
import { fields } from '../output.js';

export function register(program: Command): void {
  program
    .command('build-info')
    .description('Print version, compiler, Eigen, instruction sets and threads of the native library.')
    .action(
      action(async ({ output }) => {
        const { buildInfo } = await import('../../runtime.js');
        const info = {
          ...buildInfo(),
          node: process.versions.node,
          platform: `${process.platform}-${process.arch}`,
        };
        await output.result(info, () =>
          fields({
            'rockpool-node': info.version,
            Node: `${info.node}, ${info.platform}`,
            compiler: info.compiler,
            Eigen: info.eigen,
            'instruction set': `${info.target} (this processor runs ${info.targets.join(', ')})`,
            threads: info.threads,
            sanitized: info.sanitized ? 'yes' : undefined,
          }),
        );
      }),
    );
}
