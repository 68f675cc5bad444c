/** What has to be undone, in reverse order of how it was done. One part that fails to close keeps no other from closing. */
export interface Closing {
  add(undo: () => unknown): void;
  run(): Promise<void>;
}

export function closing(log: (message: string) => void): Closing {
  const undos: (() => unknown)[] = [];
  return {
    add: (undo) => void undos.push(undo),
    async run() {
      for (let undo = undos.pop(); undo; undo = undos.pop()) {
        try {
          await undo();
        } catch (error) {
          log(`closing: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
        }
      }
    },
  };
}
