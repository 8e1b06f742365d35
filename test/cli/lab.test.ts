import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { TSEvent } from 'rockpool-node';
import { withBoard } from '../devices/with-board';
import { call, callJson, ended, main, root, start } from './helpers';

const command = [process.execPath, main];
const lines = (text: string) =>
  text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('rockpool-node devices, doctor, monitor, stimulate', () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), 'rockpool-lab-'))));
  after(() => rmSync(folder, { recursive: true }));
  const file = (name: string) => join(folder, name);
  const without = { ROCKPOOL_LIBUSB: '/nonexistent/libusb.so' };

  for (const [args, message] of [
    ['monitor --model --serial X', /--model and --serial do not go together/],
    ['monitor --model --duration -1', /--duration/],
    ['monitor --model --interval 0', /--interval/],
    ['monitor --bus 300', /--bus/],
    ['devices extra', /too many arguments/],
    ['stimulate --model', /one of FILE, --rate and --regular/],
    ['stimulate --model --rate 10', /--neurons is missing/],
    ['stimulate --model --rate 5000 --neurons 1', /--rate.*4300/],
    ['stimulate --model --rate 10 --regular 10 --neurons 1', /only one of FILE/],
    ['stimulate --model --rate 10 --neurons 1 --unit 1e-5', /--unit goes with/],
    ['stimulate --model --rate 10 --neurons 1-99999999', /at most a million/],
    ['devices --watch --model', /--watch and --model do not go together/],
    ['stimulate --model --rate 10 --neurons 1 --cores 1', /--cores goes with/],
    ['stimulate --model --rate 10 --neurons 1 --repeat', /--repeat goes with FILE/],
    ['stimulate --model --rate 10 --neurons 1,1', /twice/],
    ['stimulate --model --regular 10 --neurons 1 --unit 1', /--unit must be from/],
    ['stimulate --model --rate 10 --neurons 1 --chip 4', /--chip/],
  ] as const) {
    it(`${args}: an error of usage`, async () => {
      const { code, stdout, stderr } = await call(args.split(' '));
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(stderr, message);
    });
  }

  it('help tells limits, exit codes and examples', async () => {
    for (const name of ['devices', 'doctor', 'monitor', 'stimulate']) {
      const { code, stdout } = await call([name, '--help']);
      assert.equal(code, 0);
      assert.match(stdout, new RegExp(`Examples:\\n {2}(sudo )?rockpool-node ${name}`));
    }
  });

  it('devices lists the model, as a table and as JSON', async () => {
    assert.match((await call(['devices', '--model'])).stdout, /MODEL001 +3 +5 +4 +ready \(board model\)/);
    const { data } = await callJson(['devices', '--model']);
    assert.deepEqual(data, {
      bus: 1,
      address: 1,
      serial: 'MODEL001',
      firmware: 3,
      logic: 5,
      chips: 4,
      neurons: 4096,
      model: true,
      problem: null,
    });
  });

  it('without libusb devices and doctor say so, with exit code 4', async () => {
    const devices = await ended(start(['devices', '--json'], without));
    assert.deepEqual([devices.code, devices.stdout], [4, '']);
    assert.equal((lines(devices.stderr)[0].error as Record<string, unknown>).code, 'ERR_NO_LIBUSB');
    const doctor = await ended(start(['doctor', '--json', '--rules-dir', folder], without));
    assert.equal(doctor.code, 4);
    const finding = lines(doctor.stdout)[0];
    assert.deepEqual([finding.check, finding.status, finding.code], ['libusb', 'problem', 'ERR_NO_LIBUSB']);
    assert.match(String(finding.fix), /unset ROCKPOOL_LIBUSB, which names \/nonexistent/);
  });

  it('doctor tries the model', async () => {
    const { code, stdout } = await call(['doctor', '--model']);
    assert.equal(code, 0);
    assert.match(stdout, /^ok +the board model answers: logic 5/);
  });

  it('doctor installs the rule that ships with the package, and sees it then', async () => {
    const rules = file('rules.d');
    mkdirSync(rules);
    const ruleOf = async () => {
      const { stdout } = await ended(start(['doctor', '--json', '--rules-dir', rules], without));
      return lines(stdout).find(({ check }) => check === 'rule') as Record<string, string>;
    };
    if (process.platform === 'linux') {
      const missing = await ruleOf();
      assert.equal(missing.status, 'warning');
      assert.match(missing.fix, /sudo install -D -m 644 \S+65-rockpool-dynapse\.rules/);
    }
    const { code, stdout } = await call(['doctor', '--install-rule', '--rules-dir', rules]);
    assert.equal(code, 0);
    assert.match(stdout, /udevadm control --reload/);
    assert.deepEqual(readdirSync(rules), ['65-rockpool-dynapse.rules']);
    const rule = readFileSync(join(rules, '65-rockpool-dynapse.rules'), 'utf8');
    assert.equal(rule, readFileSync(join(root, 'udev', '65-rockpool-dynapse.rules'), 'utf8'));
    assert.match(rule, /^SUBSYSTEM=="usb", ATTR\{idVendor\}=="152a", .*MODE="0666".*TAG\+="uaccess"/m);
    if (process.platform !== 'linux') return;
    assert.equal((await ruleOf()).status, 'ok');
    rmSync(join(rules, '65-rockpool-dynapse.rules'));
    writeFileSync(join(rules, '90-late.rules'), 'ATTR{idVendor}=="152a", TAG+="uaccess"\n');
    assert.match((await ruleOf()).message, /has no effect.*below 73/);
  });

  it('doctor that may not install says the command that does', async () => {
    const { code, stderr } = await call(['doctor', '--install-rule', '--rules-dir', file('nowhere')]);
    assert.equal(code, 3);
    assert.match(
      stderr,
      /as root: sudo install -D -m 644 .*65-rockpool-dynapse.rules && sudo udevadm control --reload/,
    );
  });

  it('monitor shows rates of the model, and records every event', async () => {
    const target = file('record.npz');
    writeFileSync(target, 'old');
    const args = ['monitor', '--model', '--duration', '1', '--interval', '0.25', '--record', target];
    const { code, lines: told } = await callJson<Record<string, number & number[]>>(args);
    assert.equal(code, 0);
    const summary = told.at(-1) as Record<string, unknown>;
    assert.equal(summary.summary, true);
    assert.equal(summary.lost, 0);
    assert.ok(told.length >= 3);
    for (const line of told.slice(0, -1)) assert.equal(line.coreRates.length, 16);
    const series = await TSEvent.load(target);
    assert.equal(series.length, summary.events);
    assert.ok(series.length > 0);
    assert.equal(series.numChannels, 4096);
    assert.ok(series.tStop >= Number(summary.seconds) && series.tStop > (series.times.at(-1) ?? 0));
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.endsWith('.tmp')),
      [],
    );
  });

  it('monitor writes plain lines where there is no terminal', async () => {
    const { code, stdout } = await call(['monitor', '--model', '--duration', '0.5', '--interval', '0.2']);
    assert.equal(code, 0);
    assert.match(stdout, /^0\.\d s {2}[\d.]+( k)? Hz {2}U0 .* U3 .* lost 0$/m);
    assert.match(stdout, /\n\d+ events in 0\.\d s, 0 lost\n$/);
    assert.ok(!stdout.includes('\u001b'));
  });

  it('monitor draws a table on a terminal, in its place', async () => {
    const load = createRequire(__filename);
    const { RatesView, rateText } = load(
      join(root, 'dist/cli/boards/rates.js'),
    ) as typeof import('../../dist/cli/boards/rates.js');
    const { Output } = load(join(root, 'dist/cli/output.js')) as typeof import('../../dist/cli/output.js');
    assert.deepEqual([0, 9.54, 123.4, 12_345, 4.56e6].map(rateText), ['0', '9.5', '123', '12.3 k', '4.6 M']);
    let text = '';
    const stdout = Object.assign(new Writable({ write: (chunk, _, done) => ((text += chunk), done()) }), {
      isTTY: true,
    });
    const view = new RatesView(new Output({ stdout, stderr: stdout }));
    const rates = { seconds: 1, events: 5, lost: 0, resets: 0, why: '', coreRates: new Array<number>(16).fill(20) };
    await view.show(rates, 7);
    await view.show(rates, 7);
    const [first, second] = text.split('\u001b[6A\u001b[J');
    assert.equal(first, second);
    assert.match(first, /^1\.0 s +320 Hz +events 5 +lost 0 +recorded 7\nHz +core 0 .*\nU0 +20\.0 +20\.0/);
    assert.equal(first.split('\n').length, 7);
  });

  it('monitor does not begin where it could not record', async () => {
    const { code, stderr } = await call(['monitor', '--model', '--record', join(folder, 'nowhere', 'x.npz')]);
    assert.equal(code, 3);
    assert.match(stderr, /there is no folder/);
  });

  it('Ctrl-C ends monitor cleanly: the recording is whole, the exit code 130', async () => {
    const target = file('interrupted.npz');
    const child = start(['monitor', '--model', '--json', '--interval', '0.1', '--record', target]);
    let told = 0;
    child.stdout?.on('data', () => {
      if (++told === 3) child.kill('SIGINT');
    });
    const { code, stdout } = await ended(child);
    assert.equal(code, 130);
    const summary = lines(stdout).at(-1) as Record<string, unknown>;
    assert.equal(summary.summary, true);
    assert.equal((await TSEvent.load(target)).length, summary.events);
  });

  it('a reader that goes away ends monitor', async () => {
    const child = start(['monitor', '--model', '--interval', '0.05']);
    child.stdout?.once('data', () => child.stdout?.destroy());
    assert.equal((await ended(child)).code, 141);
  });

  it('stimulate checks a file before anything is sent', async () => {
    const series = (times: number[], channels: number[]) =>
      new TSEvent(times, channels, { tStart: 0, tStop: 300, numChannels: 2000 });
    await series([0.1, 0.2, 0.4], [1, 2, 1023]).save(file('good.npz'));
    await series([0.1, 200], [1, 2]).save(file('long.npz'));
    await series([0.1], [1024]).save(file('wide.npz'));
    await series([], []).save(file('empty.npz'));
    const dry = (name: string, ...more: string[]) => callJson(['stimulate', file(name), '--dry-run', ...more]);
    const { data } = await dry('good.npz', '--unit', '1e-5', '--cores', '0,2');
    assert.deepEqual(data, {
      generator: 'spikes',
      chip: 0,
      cores: [0, 2],
      events: 3,
      trainEvents: 3,
      repeat: false,
      seconds: 0.4,
      unit: 1e-5,
      sent: false,
    });
    assert.equal(((await dry('long.npz', '--unit', '1e-6')).data as Record<string, unknown>).trainEvents, 3053);
    const refused = async (name: string, message: RegExp, code = 1, ...more: string[]) => {
      const result = await call(['stimulate', file(name), '--dry-run', ...more]);
      assert.equal(result.code, code, result.stderr);
      assert.match(result.stderr, message);
    };
    await refused('long.npz', /at most 65535 events/, 1, '--unit', '1.2e-8');
    await refused('wide.npz', /sources/);
    await refused('empty.npz', /a series with events/);
    await series([0.1, 0.2], [5, 0]).save(file('zero.npz'));
    await refused('zero.npz', /source 0 is what every empty synapse listens to/);
    await refused('missing.npz', /missing\.npz/, 3);
  });

  it('stimulate plays a file to the model, whose neurons answer', async () => {
    const times = Float64Array.from({ length: 20 }, (_, i) => 0.01 * (i + 1));
    const channels = Int32Array.from({ length: 20 }, (_, i) => i + 1);
    await new TSEvent(times, channels, { tStart: 0, tStop: 0.3, numChannels: 21 }).save(file('play.npz'));
    const { code, data } = await callJson<Record<string, number>>(['stimulate', file('play.npz'), '--model']);
    assert.equal(code, 0);
    assert.deepEqual([data.sent, data.generated, data.lost], [true, 20, 0]);
    assert.ok(data.spikes > 0);
  });

  it('stimulate plays Poisson and regular spikes to the model', async () => {
    const args = ['stimulate', '--model', '--neurons', '1-10', '--duration', '0.3'];
    const poisson = await callJson<Record<string, number>>([...args, '--rate', '200']);
    assert.equal(poisson.code, 0);
    assert.ok(poisson.data.generated > 200 && poisson.data.generated < 1200, String(poisson.data.generated));
    const regular = await callJson<Record<string, number>>([...args, '--regular', '50']);
    assert.equal(regular.code, 0);
    assert.ok(regular.data.generated >= 140 && regular.data.generated <= 300, String(regular.data.generated));
  });

  it('source 0 is refused by name, and no example plays it', async () => {
    for (const kind of ['--rate', '--regular']) {
      const { code, stderr } = await call(['stimulate', '--dry-run', kind, '10', '--neurons', '0-9']);
      assert.equal(code, 1);
      assert.match(stderr, /--neurons.* from 1 to 1023 \(source 0 .*received 0/);
    }
    const guide = ['boards-lab.md', 'boards.md', 'command-line.md'].map((name) =>
      readFileSync(join(root, 'docs', name), 'utf8'),
    );
    for (const text of [(await call(['stimulate', '--help'])).stdout, ...guide])
      assert.doesNotMatch(text, /--neurons 0|such as 0-|sources 0 to|sources from 0/);
  });

  it('a rate that no time step allows is refused with the largest one', async () => {
    const { code, stderr } = await call(['stimulate', '--dry-run', '--regular', '1e6', '--neurons', '1']);
    assert.equal(code, 1);
    assert.match(stderr, /at most 50000 Hz/);
  });

  it('--dry-run tells what old logic refuses', async () => {
    await new TSEvent([0.1], [1], { tStart: 0, tStop: 0.3, numChannels: 2 }).save(file('one.npz'));
    const args = ['stimulate', file('one.npz'), '--dry-run', '--chip', '1'];
    const { code, stderr } = await call(args);
    assert.equal(code, 0);
    assert.match(stderr, /warning: .*logic 5.* reaches chip 0 alone, not chip 1 \(CHIP_UNREACHED\)/);
    assert.equal((await call([...args, '--model'])).stderr, '');
  });

  it('errors of a board that is missing name the model and doctor', async () => {
    for (const args of [['monitor'], ['stimulate', '--rate', '50', '--neurons', '1']]) {
      const { code, stderr } = await ended(start(args, without));
      assert.equal(code, 4);
      assert.match(stderr, /rockpool-node doctor.*--model.*\(ERR_NO_LIBUSB\)/);
    }
  });

  describe('when things go wrong', () => {
    before(function () {
      if (process.platform === 'win32') this.skip();
    });
    const shell = (script: string) => {
      const { status, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
      return { status, stderr };
    };
    const program = `'${process.execPath}' '${main}'`;

    it('monitor keeps its recording when the terminal is gone: exit code 129', async () => {
      const target = file('hangup.npz');
      const child = start(['monitor', '--model', '--json', '--interval', '0.1', '--record', target]);
      let told = 0;
      child.stdout?.on('data', () => {
        if (++told === 3) child.kill('SIGHUP');
      });
      const { code, stdout } = await ended(child);
      assert.equal(code, 129);
      assert.equal((await TSEvent.load(target)).length, lines(stdout).at(-1)?.events);
    });

    it('stimulate stops the generator when the terminal is gone', async () => {
      const child = start(['stimulate', '--model', '--rate', '50', '--neurons', '1']);
      child.stderr?.on('data', (text: string) => {
        if (text.includes('until Ctrl-C')) setTimeout(() => child.kill('SIGHUP'), 200);
      });
      const { code, stdout } = await ended(child);
      assert.equal(code, 129);
      assert.match(stdout, /spikes came back/); // is told behind the stop
    });

    it('monitor finishes its recording where its output cannot be written: exit code 3', async function () {
      if (!existsSync('/dev/full')) this.skip();
      const target = file('full.npz');
      const { status, stderr } = shell(`${program} monitor --model --json --record '${target}' > /dev/full`);
      assert.equal(status, 3);
      assert.match(stderr, /^\{"error":\{"code":"ERR_FILE","message":"cannot write the output: ENOSPC/);
      assert.ok((await TSEvent.load(target)).length > 0);
    });

    it('monitor keeps the events for which there is room: exit code 3', async () => {
      const target = file('limit.npz');
      const { status, stderr } = shell(
        `ulimit -f 40; ${program} monitor --model -q --duration 20 --record '${target}' > /dev/null`,
      );
      assert.equal(status, 3, stderr);
      const kept = Number(/holds the first (\d+) of \d+ events/.exec(stderr)?.[1]);
      const series = await TSEvent.load(target);
      assert.equal(series.length, kept);
      assert.ok(kept > 500 && series.tStop > series.times[kept - 1], String(series));
      assert.deepEqual(
        readdirSync(folder).filter((name) => name.includes('limit') && name !== 'limit.npz'),
        [],
      );
    });
  });

  describe('over libusb', () => {
    const json = [...command, '--json'];
    const codeOf = (stderr: string) => (lines(stderr)[0]?.error as Record<string, unknown> | undefined)?.code;

    it('devices and doctor tell of a board that is there', async function () {
      const devices = await withBoard(this, [], [...json, 'devices']);
      assert.equal(devices.status, 0);
      assert.equal(lines(devices.stdout)[0].serial, 'MODEL001');
      const doctor = await withBoard(this, [], [...json, 'doctor']);
      assert.equal(doctor.status, 0, doctor.stderr);
      assert.match(String(lines(doctor.stdout).at(-1)?.message), /board MODEL001 .* can be opened/);
    });

    for (const [what, options, code, fix] of [
      ['another program has', ['--busy', '1'], 'ERR_DEVICE_BUSY', /end the program/],
      ['has old firmware', ['--firmware', '2'], 'ERR_DEVICE_FIRMWARE', /update the firmware/],
      ['has old logic', ['--logic', '4'], 'ERR_DEVICE_LOGIC', /update the logic/],
      ['has newer logic', ['--logic', '6'], 'ERR_DEVICE_LOGIC', /--any-logic/],
    ] as const) {
      it(`doctor tells what helps when ${what === 'another program has' ? `${what} the board` : `the board ${what}`}`, async function () {
        const { status, stdout, stderr } = await withBoard(this, [...options], [...json, 'doctor']);
        assert.equal(status, 4);
        assert.equal(codeOf(stderr), code);
        const finding = lines(stdout).at(-1) as Record<string, unknown>;
        assert.deepEqual([finding.status, finding.code], ['problem', code]);
        assert.match(String(finding.fix), fix);
      });
    }

    it('doctor tells the command that gives permission', async function () {
      if (process.getuid?.() !== 0) this.skip(); // only root can become somebody who may not
      const { status, stdout, stderr } = await withBoard(this, ['--user', '65534'], [...json, 'doctor']);
      // The program itself may be out of that user's reach.
      if (status === 126 || status === 127 || /Cannot find module|EACCES/.test(stderr)) this.skip();
      assert.equal(status, 4, stderr);
      assert.equal(codeOf(stderr), 'ERR_DEVICE_ACCESS');
      const finding = lines(stdout).at(-1) as Record<string, unknown>;
      assert.match(String(finding.fix), /--install-rule, or: sudo install .*plug the board in again/);
    });

    it('monitor keeps what it has when the board is pulled out, and tells that it was', async function () {
      const target = file('unplugged.npz');
      const { status, stdout, stderr } = await withBoard(
        this,
        ['--unplug-streaming', '300'],
        [...json, 'monitor', '--duration', '30', '--record', target],
      );
      assert.equal(status, 4);
      assert.equal(codeOf(stderr), 'ERR_DEVICE_LOST');
      assert.equal(lines(stdout).at(-1)?.summary, true);
      assert.ok(existsSync(target));
      assert.equal((await TSEvent.load(target)).length, lines(stdout).at(-1)?.events);
    });
  });
});
