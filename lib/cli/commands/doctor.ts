/** `rockpool-node doctor` */
import type { Command } from 'commander';
import type { Finding } from '../../devices/dynapse/doctor.js';
import { RockpoolError } from '../../errors.js';
import { action, type Context } from '../context.js';
import { useBoard } from '../boards/open.js';

interface DoctorArguments {
  model?: boolean;
  installRule?: boolean;
  rulesDir?: string;
}

const mark = { ok: 'ok      ', warning: 'warning ', problem: 'PROBLEM ' };

/** What a board that opens can do, tried on the model: registers, chips, events. */
async function examineModel(): Promise<Finding[]> {
  return useBoard({ model: true }, async ({ native, board, info }) => {
    const logic = await native.dynapseReadRegister(board, 6, 0).promise;
    await native.dynapseConfigure(board, undefined).promise;
    const acknowledged = [0, 1, 2, 3].every((chip) => native.dynapseChipKnown(board, chip));
    await native.dynapseStart(board).promise;
    native.dynapseModelFire(board, 1030);
    const addresses = new Uint32Array(16);
    let events = 0;
    while (events === 0)
      events = (await native.dynapseRead(board, new Float64Array(16), addresses, 1, 5).promise).events;
    const good = logic === info.logic && acknowledged && addresses[0] === 1030;
    return [
      {
        check: 'model',
        status: good ? 'ok' : 'problem',
        message: `the board model ${good ? 'answers' : 'does not answer as it should'}: logic ${logic}, chips configured, a spike came back`,
      },
    ];
  });
}

async function install({ output }: Context, folder: string): Promise<void> {
  const { installCommand, installRule } = await import('../../devices/dynapse/doctor.js');
  try {
    const file = installRule(folder);
    const next = 'udevadm control --reload && udevadm trigger --subsystem-match=usb';
    await output.result(
      { installed: file, next },
      `installed ${file}\nnow, as root: ${next}\nthen plug the board in again`,
    );
  } catch (error) {
    throw new RockpoolError(
      'ERR_FILE',
      `the rule could not be installed in ${folder}; as root: ${installCommand(folder)}`,
      {
        cause: error,
        details: { path: folder },
      },
    );
  }
}

export function register(program: Command): void {
  program
    .command('doctor')
    .description('Find out why a DynapSE board can not be used, and say what helps.')
    .option(
      '--install-rule',
      "install the udev rule that lets users open boards (Linux); never asks for root's rights itself",
    )
    .option(
      '--rules-dir <folder>',
      "where udev's rules are looked for and installed (default: udev's own, /etc/udev/rules.d)",
    )
    .option('--model', 'try the board model instead of looking for boards')
    .addHelpText(
      'after',
      `
Looks at libusb, the udev rule, the bus, and each board: permission, other programs that have it, firmware, logic.
Exit code 0 when boards can be used, 4 when something is in the way.

Examples:
  rockpool-node doctor
  sudo rockpool-node doctor --install-rule
  rockpool-node doctor --json`,
    )
    .action(
      action(async (context: Context, { model, installRule, rulesDir }: DoctorArguments) => {
        const { examine, systemRuleFolders } = await import('../../devices/dynapse/doctor.js');
        if (installRule) return install(context, rulesDir ?? systemRuleFolders[0]);
        const findings = model
          ? await examineModel()
          : await examine(rulesDir === undefined ? {} : { ruleFolders: [rulesDir] });
        for (const finding of findings) {
          const { status, message, fix } = finding;
          await context.output.result(
            finding,
            `${mark[status]}${message}${fix === undefined ? '' : `\n        fix: ${fix}`}`,
          );
        }
        const problems = findings.filter(({ status }) => status === 'problem');
        const text = problems.length === 1 ? 'one problem was found' : `${problems.length} problems were found`;
        if (problems[0]) throw new RockpoolError(problems[0].code ?? 'ERR_DEVICE_IO', text);
      }),
    );
}
