/** Runs the real ESLint, as a program and from a script, on projects that have the packed authlint. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { hostedProject, runHost } from './tarball.mjs';
import { SERVER } from './server.mjs';

export const HOSTS = ['eslint9', 'eslint10'];
export const CONFIG = "import authlint from 'authlint/eslint';\nexport default [authlint.configs.recommended];\n";

/** A project with these files beside the server of all hosts, and a configuration. */
export function linted(context, host, files = {}, config = CONFIG) {
  return hostedProject(context, host, { ...SERVER, 'eslint.config.js': config, ...files });
}

/** `eslint --format json`: its messages in one form, and the exit code. */
export function eslint(host, root, args = ['.'], options = {}) {
  const result = runHost(host, 'eslint/bin/eslint.js', ['--format', 'json', ...args], { cwd: root, ...options });
  if (result.code !== 0 && result.code !== 1) throw new Error(`ESLint ended with ${result.code}:\n${result.stdout}\n${result.stderr}`);
  return { code: result.code, stderr: result.stderr, messages: messagesOf(JSON.parse(result.stdout), root) };
}

export function messagesOf(results, root) {
  return results.flatMap(({ filePath, messages }) =>
    messages.map((message) => ({
      ...message,
      file: relative(root, filePath).replaceAll('\\', '/'),
      place: `${message.ruleId?.replace('authlint/', '')} ${relative(root, filePath).replaceAll('\\', '/')} ${message.line}:${message.column}-${message.endLine}:${message.endColumn}`,
    })),
  );
}

export function places(messages) {
  return messages.map(({ place }) => place).sort();
}

/** Runs a module in the project's folder, which may import `eslint` and `authlint`; gives what it prints as JSON. */
export function script(host, root, code, node = []) {
  writeFileSync(join(root, 'script.mjs'), code);
  const result = spawnSync(process.execPath, [...node, 'script.mjs'], { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28, timeout: 300_000 });
  if (result.error) throw result.error;
  if (result.status !== 0) throw new Error(`the script ended with ${result.status}:\n${result.stderr}`);
  return JSON.parse(result.stdout);
}
