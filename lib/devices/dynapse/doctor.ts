/** Why a board can't be used, and what to do about it. */
import * as fs from 'node:fs';
import { join } from 'node:path';
import { native } from '../../binding.js';
import type { ErrorCode } from '../../errors.js';
import { writeFileAtomicSync } from '../../io/atomic.js';
import type { NativeFoundBoard } from './native.js';

/** What was looked at, and what was found. */
export interface Finding {
  /** What was looked at: `libusb`, `usb`, `rule`, `boards`, `board`. */
  check: string;
  status: 'ok' | 'warning' | 'problem';
  message: string;
  /** The code of the error that a program gets, for problems. */
  code?: ErrorCode;
  /** What helps. */
  fix?: string;
}

/** Where udev looks for rules. */
export const systemRuleFolders = [
  '/etc/udev/rules.d',
  '/run/udev/rules.d',
  '/usr/lib/udev/rules.d',
  '/lib/udev/rules.d',
];

export interface DoctorOptions {
  /** Folders of udev's rules. Default: {@link systemRuleFolders}. */
  ruleFolders?: readonly string[];
  platform?: NodeJS.Platform;
}

const ruleName = '65-rockpool-dynapse.rules';
/** The rule that ships with the package. */
export const ruleFile = join(__dirname, '..', '..', '..', 'udev', ruleName);
/** What udev needs to hear after a rule was installed. */
const reload = 'sudo udevadm control --reload && sudo udevadm trigger --subsystem-match=usb';

const quoted = (path: string) => (/^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`);

/** The command that installs the rule as root. */
export function installCommand(folder: string): string {
  return `sudo install -D -m 644 ${quoted(ruleFile)} ${quoted(join(folder, ruleName))} && ${reload}`;
}

/** Copies the rule into a folder. @throws RockpoolError `ERR_FILE`, with the command that does it as root where it is not permitted. */
export function installRule(folder: string): string {
  const target = join(folder, ruleName);
  writeFileAtomicSync(target, fs.readFileSync(ruleFile));
  fs.chmodSync(target, 0o644);
  return target;
}

/** Rule files that mention the boards' vendor, and can be read. */
function rulesIn(folders: readonly string[]): string[] {
  return folders.flatMap((folder) => {
    let names: string[];
    try {
      names = fs.readdirSync(folder).sort();
    } catch {
      return [];
    }
    return names
      .filter((name) => name.endsWith('.rules'))
      .map((name) => join(folder, name))
      .filter((file) => {
        try {
          return /^[^#]*152a/im.test(fs.readFileSync(file, 'utf8'));
        } catch {
          return false;
        }
      });
  });
}

function ruleFinding(folders: readonly string[]): Finding {
  const rules = rulesIn(folders);
  const [first] = rules;
  const folder = folders[0] ?? '/etc/udev/rules.d';
  const fix = `rockpool-node doctor --install-rule, or: ${installCommand(folder)}`;
  if (first === undefined) {
    return {
      check: 'rule',
      status: 'warning',
      message: `no udev rule for DynapSE boards in ${folders.join(', ')}: only root can open them`,
      fix,
    };
  }
  const early = rules.find((file) => Number(/(\d*)[^/]*$/.exec(file)?.[1] || '99') < 73 || grantsAll(file));
  if (early === undefined) {
    return {
      check: 'rule',
      status: 'warning',
      message: `the udev rule ${first} has no effect: its tag uaccess needs a file name that begins with a number below 73`,
      fix,
    };
  }
  return { check: 'rule', status: 'ok', message: `the udev rule ${early} lets users open DynapSE boards` };
}

const grantsAll = (file: string): boolean => /MODE\s*:?=\s*"0?666"/.test(fs.readFileSync(file, 'utf8'));

/** Programs that have a board's node open, as far as we may know. Linux. */
function usersOf({ bus, address }: NativeFoundBoard): string[] {
  const three = (n: number) => String(n).padStart(3, '0');
  const node = `/dev/bus/usb/${three(bus)}/${three(address)}`;
  const read = <T>(work: () => T, otherwise: T): T => {
    try {
      return work();
    } catch {
      return otherwise;
    }
  };
  return read(() => fs.readdirSync('/proc'), [])
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .filter((pid) => {
      const files = read(() => fs.readdirSync(`/proc/${pid}/fd`), []);
      return files.some((fd) => read(() => fs.readlinkSync(`/proc/${pid}/fd/${fd}`), '') === node);
    })
    .map((pid) => `${read(() => fs.readFileSync(`/proc/${pid}/comm`, 'utf8'), '?').trim()} (process ${pid})`);
}

function fixOf(board: NativeFoundBoard, folder: string, linux: boolean, ruled: boolean): string {
  switch (board.problemCode) {
    case 'ERR_DEVICE_ACCESS':
      if (linux && ruled)
        return `the rule is there: ${reload}, then plug the board in again; over ssh also be in its group: sudo usermod -aG video $USER`;
      return linux
        ? `rockpool-node doctor --install-rule, or: ${installCommand(folder)}; then plug the board in again`
        : 'run the program as a user who may use USB devices';
    case 'ERR_DEVICE_BUSY': {
      const users = linux ? usersOf(board) : [];
      return users.length > 0
        ? `end ${users.join(', ')}`
        : 'end the program that uses it: cAER, cortexcontrol, samna, another rockpool-node';
    }
    case 'ERR_DEVICE_FIRMWARE':
      return board.blank
        ? 'plug it in again; if it stays so, write its firmware with the tool of its maker (Flashy)'
        : 'update the firmware to version 3 or newer with the tool of the maker (Flashy)';
    case 'ERR_DEVICE_LOGIC':
      return board.logic > 5
        ? 'it may work: --any-logic, or anyLogic in a program'
        : 'update the logic to version 5 with the tool of the maker (Flashy)';
    default:
      return process.platform === 'win32'
        ? 'give the board the driver WinUSB, with Zadig (zadig.akeo.ie), and plug it in again'
        : 'plug the board in again, into another socket or without a hub';
  }
}

function boardFinding(board: NativeFoundBoard, folder: string, linux: boolean, ruled: boolean): Finding {
  const { bus, address, serial, firmware, logic, problem, problemCode } = board;
  if (problemCode !== '') {
    const code = problemCode as ErrorCode;
    return { check: 'board', status: 'problem', message: problem, code, fix: fixOf(board, folder, linux, ruled) };
  }
  return {
    check: 'board',
    status: 'ok',
    message: `board ${serial} at bus ${bus}, address ${address}: firmware ${firmware}, logic ${logic}, can be opened`,
  };
}

/** Looks at everything that boards need, in the order in which it matters. */
export async function examine(options: DoctorOptions = {}): Promise<Finding[]> {
  const folders = options.ruleFolders ?? systemRuleFolders;
  const linux = (options.platform ?? process.platform) === 'linux';
  const missing = native.dynapseUsbProblem();
  const chosen = process.env['ROCKPOOL_LIBUSB'];
  const findings: Finding[] = [];
  const problem = (check: string, code: ErrorCode, message: string, fix: string) =>
    findings.push({ check, status: 'problem', message, code, fix });
  if (missing === '') {
    findings.push({ check: 'libusb', status: 'ok', message: 'the library libusb 1.0 is there' });
  } else {
    const advice = /\((.*)\)$/.exec(missing)?.[1] ?? 'install libusb 1.0.21 or newer';
    const unset = chosen ? `unset ROCKPOOL_LIBUSB, which names ${chosen}, or correct it; ` : '';
    problem('libusb', 'ERR_NO_LIBUSB', missing, unset + advice);
  }
  if (linux) findings.push(ruleFinding(folders));
  if (missing !== '') return findings;
  let boards: NativeFoundBoard[];
  try {
    boards = await native.dynapseDevices().promise;
  } catch (error) {
    const { code, message } = error as Error & { code: ErrorCode };
    problem('usb', code, message, 'this machine or container may have no USB: give it /dev/bus/usb');
    return findings;
  }
  if (boards.length === 0) {
    if (linux && !fs.existsSync('/dev/bus/usb'))
      problem(
        'usb',
        'ERR_NO_DEVICE',
        'there is no /dev/bus/usb',
        "a container needs the host's: docker run --device /dev/bus/usb",
      );
    else
      problem(
        'boards',
        'ERR_NO_DEVICE',
        'no DynapSE board is plugged in',
        'plug it in; look at the cable and whether its lamp is on',
      );
  }
  const ruled = findings.some(({ check, status }) => check === 'rule' && status === 'ok');
  for (const board of boards) findings.push(boardFinding(board, folders[0] ?? '/etc/udev/rules.d', linux, ruled));
  return findings;
}
