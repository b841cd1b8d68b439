/** What is known of a rule beyond its name: the engine's metadata, and its page. */
import { readFileSync } from 'node:fs';
import { closest, distance } from 'fastest-levenshtein';
import { engineRules, type RuleMeta } from './engine.js';
import { UserError } from './user-error.js';

/** The rule that a user means, also as ESLint shows it: `authlint/require-authentication`. */
export function findRule(name: string): RuleMeta {
  const rules = engineRules();
  const wanted = name.replace(/^authlint\//, '').toLowerCase();
  const rule = rules.find((candidate) => candidate.name === wanted);
  if (rule) return rule;
  const similar = closest(wanted, rules.map((candidate) => candidate.name));
  const isLikely = distance(wanted, similar) <= similar.length / 2;
  throw new UserError(`there is no rule ${name}${isLikely ? `; did you mean ${similar}?` : ''} (authlint explain --list names them all)`);
}

/** The page of a rule, in Markdown. */
export function rulePage(name: string): string {
  return readFileSync(new URL(`./rules/${name}.md`, import.meta.url), 'utf8');
}

/** The page without its title and without the examples that follow the explanation. */
export function ruleExplanation(name: string): string {
  const sections = rulePage(name).split(/^(?=## )/m);
  return sections.filter((section) => section.startsWith('## ') && !section.startsWith('## Examples')).join('').trim();
}

/** Where the page of a rule can be read: the one that this version of the package holds. */
export function ruleUrl(name: string, version: string): string {
  return `https://unpkg.com/authlint@${version}/dist/rules/${name}.md`;
}
