/**
 * The packed tarball, installed beside the real hosts: as a user has them.
 *
 * `js-tests/hosts/NAME/` holds the lock file of one host and what belongs to it. It is installed once into a folder for this lock file,
 * which stays for the next run. The tarball of `npm pack` is installed into a folder inside of that one, for each built package another, and
 * the projects of tests are made inside of this: Node finds authlint there, and the host above. Safe for test files that run at the same time.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PACKAGE = fileURLToPath(new URL('../../npm', import.meta.url));
const HOSTS = fileURLToPath(new URL('../hosts', import.meta.url));
const NPM = process.platform === 'win32' ? 'npm.cmd' : 'npm';

/** A folder in which Node finds the host of this name and the packed authlint. */
export function installed(host) {
  // Two builds do not disturb one another.
  const hostFolder = installedHost(host);
  const folder = join(hostFolder, 'builds', hash(packedFiles().map((file) => readFileSync(file))));
  once(folder, (staged) => {
    unpack(staged);
    link(hostFolder, staged);
  });
  return folder;
}

/** A folder inside of {@link installed} with these files; it goes away with the test. */
export function hostedProject(context, host, files) {
  const root = join(installed(host), 'projects', randomUUID());
  mkdirSync(root, { recursive: true });
  context.after(() => rmSync(root, { recursive: true, force: true }));
  write(root, files);
  return root;
}

/** Writes files; the values may be text or bytes. */
export function write(root, files) {
  for (const [path, content] of Object.entries(files)) {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
}

/** Runs a program of the host's, with nothing of the caller's terminal and settings. `program` is a path below `node_modules`. */
export function runHost(host, program, args, options = {}) {
  const { NO_COLOR, FORCE_COLOR, CI, ...env } = process.env;
  const result = spawnSync(process.execPath, [...(options.node ?? []), join(installed(host), 'node_modules', program), ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    timeout: 120_000,
    ...options,
    env: { ...env, NO_COLOR: '1', ...options.env },
  });
  if (result.error) throw result.error;
  return { code: result.status, signal: result.signal, stdout: result.stdout, stderr: result.stderr };
}

/** The host alone, by its lock file. */
function installedHost(host) {
  const lock = readFileSync(join(HOSTS, host, 'package-lock.json'));
  const folder = join(tmpdir(), `authlint-host-${host}-${hash([lock, process.version])}`);
  once(folder, (staged) => {
    for (const name of ['package.json', 'package-lock.json', '.npmrc']) cpSync(join(HOSTS, host, name), join(staged, name));
    npm(['ci', '--no-audit', '--no-fund', '--loglevel=error'], staged);
  });
  return folder;
}

function unpack(folder) {
  const [{ filename }] = JSON.parse(npm(['pack', '--json', '--ignore-scripts', '--pack-destination', folder], PACKAGE));
  // A folder of its own: npm would look for the host's otherwise.
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  npm(['install', `./${filename}`, '--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error', '--legacy-peer-deps'], folder);
  rmSync(join(folder, filename));
}

/** The host's own packages, also under the path that they have for a user. */
function link(hostFolder, folder) {
  const { devDependencies } = JSON.parse(readFileSync(join(hostFolder, 'package.json'), 'utf8'));
  for (const name of Object.keys(devDependencies)) {
    const path = join(folder, 'node_modules', name);
    mkdirSync(dirname(path), { recursive: true });
    if (!existsSync(path)) symlinkSync(join(hostFolder, 'node_modules', name), path, 'junction');
  }
}

function npm(args, cwd) {
  return execFileSync(NPM, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], shell: process.platform === 'win32' });
}

/** Makes a folder, unless it is there: under another name first, so that nobody sees half of it. */
function once(folder, make) {
  if (existsSync(folder)) return;
  mkdirSync(dirname(folder), { recursive: true });
  clear(folder);
  const staged = `${folder}.${process.pid}`;
  mkdirSync(staged, { recursive: true });
  try {
    make(staged);
    renameSync(staged, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error; // Another process was faster.
  } finally {
    rmSync(staged, { recursive: true, force: true });
  }
}

/** Removes what former builds and lock files left, unless somebody used it in the last hour. */
function clear(folder) {
  const prefix = basename(folder).replace(/[^-]+$/, '');
  for (const name of readdirSync(dirname(folder))) {
    const other = join(dirname(folder), name);
    if (name.startsWith(prefix) && Date.now() - statSync(other).mtimeMs > 3_600_000) rmSync(other, { recursive: true, force: true });
  }
}

/** What `npm pack` would take. */
function packedFiles() {
  const below = (folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  return [join(PACKAGE, 'package.json'), ...['bin', 'dist'].flatMap((name) => below(join(PACKAGE, name)))].sort();
}

function hash(contents) {
  const sum = createHash('sha256');
  for (const content of contents) sum.update(content).update('\0');
  return sum.digest('hex').slice(0, 16);
}
