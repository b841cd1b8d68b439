/** A project whose root nobody named: it is as wide as the imports of its files are. */
import { createProject, type Project } from './live-project.js';
import type { ProjectOptions } from './project.js';
import { widen, widerRoot } from './root.js';

/** As {@link createProject}; where the root was found, it is opened anew in a wider one as long as its files import from outside of it. */
export function openProject(options: ProjectOptions, isFound: boolean): Project {
  const project = createProject(options);
  const wider = isFound ? widerRoot(project.root, project.report().findings.errors) : undefined;
  if (wider === undefined) return project;
  widen(project.root, wider);
  project.dispose();
  return openProject({ ...options, configFrom: options.configFrom ?? project.root, root: wider }, isFound);
}
