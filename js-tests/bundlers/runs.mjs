/** Runs a host in a project: a build to its end, or a watch whose output is waited for. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { installed } from '../support/tarball.mjs';

const PATIENCE = 120_000;

function commandOf(host, [program, ...args], root, runtime) {
  const own = join(root, program);
  const file = existsSync(own) ? own : join(installed(host), 'node_modules', program);
  return [runtime ? join(installed(host), 'node_modules', runtime) : process.execPath, [file, ...args]];
}

function environment(options, more) {
  const { FORCE_COLOR, CI, NODE_TEST_CONTEXT, ...env } = process.env;
  return { ...env, NO_COLOR: '1', NEXT_TELEMETRY_DISABLED: '1', AUTHLINT_OPTIONS: JSON.stringify(options), ...more };
}

/** Runs to the end: the exit code, and what was printed, in whichever stream. */
export function run(host, command, root, { options = {}, runtime, env } = {}) {
  const [program, args] = commandOf(host, command, root, runtime);
  const result = spawnSync(program, args, { cwd: root, encoding: 'utf8', timeout: PATIENCE, env: environment(options, env) });
  if (result.error) throw result.error;
  return { code: result.status, output: result.stdout + result.stderr };
}

/** Runs on until the test is over. */
export function start(context, host, command, root, { options = {}, env } = {}) {
  const [program, args] = commandOf(host, command, root);
  const child = spawn(program, args, { cwd: root, env: environment(options, env), stdio: ['pipe', 'pipe', 'pipe'] });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  context.after(async () => {
    child.kill();
    await exited;
  });
  let output = '';
  let listener = () => {};
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
      listener();
    });
  }
  let seen = 0;
  return {
    /** What was printed since the last time, as soon as it matches and nothing more comes for a moment. */
    until(pattern) {
      return new Promise((resolve, reject) => {
        let quiet;
        const fail = (why) => reject(new Error(`${why} while waiting for ${pattern}:\n${output.slice(seen)}`));
        const timer = setTimeout(() => fail('nothing came'), PATIENCE);
        listener = () => {
          clearTimeout(quiet);
          if (!pattern.test(output.slice(seen))) return;
          quiet = setTimeout(() => {
            clearTimeout(timer);
            listener = () => {};
            const text = output.slice(seen);
            seen = output.length;
            resolve(text);
          }, 150);
        };
        void exited.then((code) => pattern.test(output.slice(seen)) || fail(`it ended with ${code}`));
        listener();
      });
    },
  };
}

/** The findings of the command line: what every host is to show. */
export function commandLine(host, root, options = []) {
  const bin = join(installed(host), 'node_modules/authlint/bin/authlint.js');
  const { stdout } = spawnSync(process.execPath, [bin, 'check', '--format', 'json', '--no-cache', '--root', root, ...options], { cwd: root, encoding: 'utf8' });
  return JSON.parse(stdout).findings;
}
