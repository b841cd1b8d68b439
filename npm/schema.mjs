/**
 * The one place that says what a configuration may hold. Written from here: `authlint.schema.json`, which editors use, and
 * `src/config/types.ts`, which `defineConfig` uses. The engine checks its own keys itself; js-tests/config.test.mjs holds the two to the same answers.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { compile } from 'json-schema-to-typescript';
import { initSync, rules as engineRules } from './dist/wasm/analysis.js';

const path = (relative) => new URL(relative, import.meta.url);

initSync({ module: new WebAssembly.Module(readFileSync(path('dist/wasm/authlint_bg.wasm'))) });
const rules = engineRules();

const severities = ['low', 'medium', 'high', 'critical'];
const text = { type: 'string' };

const anyCase = (name) => name.replace(/[a-z]/gi, (letter) => `[${letter.toLowerCase()}${letter.toUpperCase()}]`);

/** A path, with or without a method before it: as the engine reads it. */
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT', 'ALL'].map(anyCase).join('|');
const route = { type: 'string', pattern: `^\\s*(?:(?:${methods})\\s+[/*]|/|\\*\\S*\\s*$)` };

/** One of these words. Severities may be written in any case; editors and types know the one of the documentation. */
function word(...others) {
  const names = [...others, ...severities];
  return { anyOf: [{ enum: names }, { type: 'string', pattern: `^(?:${severities.map(anyCase).join('|')})$` }], tsType: names.map((name) => `'${name}'`).join(' | ') };
}

const schema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  $id: 'https://unpkg.com/authlint/authlint.schema.json',
  title: 'AuthlintConfig',
  description: 'The configuration of authlint, the same for all of its hosts: command line, ESLint, bundlers.',
  type: 'object',
  additionalProperties: false,
  properties: {
    $schema: { type: 'string', description: 'Where editors find this schema: `./node_modules/authlint/authlint.schema.json`.' },
    publicRoutes: {
      description: 'Endpoints that are open on purpose: `/api/products`, `GET /catalogue/**`. `*` stands for one segment, `**` for any number, `:name` for a parameter of any name.',
      type: 'array',
      items: route,
    },
    guards: {
      description: 'Functions that turn anonymous callers away and whose code authlint cannot see: a name, or the module and the name it exports.',
      type: 'array',
      items: {
        anyOf: [
          { type: 'string', description: 'The name of the function.' },
          {
            type: 'object',
            additionalProperties: false,
            minProperties: 1,
            properties: {
              import: { type: 'string', description: 'The module, as it stands in the import: `@acme/auth`.' },
              name: { type: 'string', description: 'The name that it exports; without one, everything from this module.' },
            },
          },
        ],
      },
    },
    rules: {
      description: 'Turns a rule off or on, or gives all of its findings a severity.',
      type: 'object',
      additionalProperties: false,
      properties: Object.fromEntries(rules.map(({ name, summary }) => [name, { description: `${summary}.`, ...word('off', 'on') }])),
    },
    minSeverity: { description: 'Findings below this are listed in the inventory only. Default: `medium`.', ...word() },
    reportUnknown: { description: 'Report endpoints whose protection cannot be told, too. Default: `false`.', type: 'boolean' },
    ignore: { description: 'Files to leave out of the analysis, as globs relative to the folder of the configuration: `legacy/**`.', type: 'array', items: text },
    failOn: {
      description: 'The severity from which a finding fails the run: exit code 1 of `authlint check`, a failed build. `never`: findings are shown, and nothing fails.',
      ...word('never'),
    },
    baseline: { description: 'The file of findings that are accepted for now, relative to the configuration: see `authlint check --update-baseline`.', type: 'string', minLength: 1 },
  },
};

const published = JSON.stringify(schema, (key, value) => (key === 'tsType' ? undefined : value), 2);
writeFileSync(path('authlint.schema.json'), `${published}\n`);
const types = await compile(schema, 'AuthlintConfig', {
  bannerComment: '/** What a configuration may hold. Written by schema.mjs: change it there. */',
  style: { printWidth: 140, singleQuote: true },
});
writeFileSync(path('src/config/types.ts'), types);
