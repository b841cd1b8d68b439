/** Runs the real command line on folders that are made for a test. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const BIN = fileURLToPath(new URL('../../npm/bin/authlint.js', import.meta.url));

/** Makes a folder with these files; it goes away with the test. A value may be text or bytes. */
export function project(context, files) {
  const root = mkdtempSync(join(tmpdir(), 'authlint-'));
  context.after(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  return root;
}

/** Runs authlint; nothing of the caller's terminal and settings is passed on. */
export function authlint(args, options = {}) {
  const { NO_COLOR, FORCE_COLOR, CI, ...env } = process.env;
  const result = spawnSync(process.execPath, [BIN, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    timeout: 60_000,
    ...options,
    env: { ...env, ...options.env },
  });
  if (result.error) throw result.error;
  return { code: result.status, signal: result.signal, stdout: result.stdout, stderr: result.stderr };
}

/** Runs a command with `--format json` in a folder; fails when it could not run. */
export function json(command, root, ...more) {
  const result = authlint([command, '--root', root, '--format', 'json', ...more]);
  if (result.code !== 0 && result.code !== 1) throw new Error(`authlint ${command} ended with ${result.code}:\n${result.stderr}`);
  return { ...JSON.parse(result.stdout), code: result.code, stderr: result.stderr };
}

/** A server in one file: an open endpoint that reads users, and whatever else is given. */
export const OPEN_SERVER = `import express from 'express';
import { PrismaClient } from '@prisma/client';
const prisma = new PrismaClient();
const app = express();
app.get('/api/users', async (req, res) => {
  res.json(await prisma.user.findMany());
});
app.listen(3000);
`;
