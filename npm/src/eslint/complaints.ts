/** What concerns more than one file is said in one file, as long as it holds. */
export interface Problem {
  line: number;
  message: string;
}

export class Complaints {
  readonly #saidIn = new Map<string, string>();

  /** Those of the problems that are said in this file. */
  say(messages: readonly string[], file: string): Problem[] {
    for (const message of messages) if (!this.#saidIn.has(message)) this.#saidIn.set(message, file);
    return messages.filter((message) => this.#saidIn.get(message) === file).map((message) => ({ line: 1, message }));
  }

  /** Only these hold now. */
  keep(messages: readonly string[]): void {
    for (const message of this.#saidIn.keys()) if (!messages.includes(message)) this.#saidIn.delete(message);
  }

  /** What was said in this file is past. */
  settle(file: string): void {
    for (const [message, place] of this.#saidIn) if (place === file) this.#saidIn.delete(message);
  }
}
