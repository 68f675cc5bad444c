/** Checks a request by dynalite's validations, and runs one of dynalite's actions on staged writes. */
import { type ActionName, actions, type Checked, type Input, type Output, validations } from './dynalite.ts';
import { fromDynalite } from './errors.ts';
import type { Staged, Store } from './store.ts';
import { actionOptions, viewOf } from './view.ts';

/**
 * The request with its types and expressions checked and parsed. Demands are read from this same result that the action
 * then runs on: what was authorized can't differ from what happens. Throws `AwsError`.
 */
export function check(name: ActionName, input: Input): Checked {
  const { types, custom } = actions[name];
  try {
    const checked = validations.checkTypes(structuredClone(input), types);
    validations.checkValidations(checked, types, custom, { options: actionOptions });
    return checked as unknown as Checked;
  } catch (error) {
    throw fromDynalite(error);
  }
}

/** Runs an action; its writes are left in `staged`. It may change `checked`: run a request once. */
export function act(store: Store, name: ActionName, checked: Checked, staged: Staged = new Map()): Promise<Output> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => reject(fromDynalite(error));
    try {
      actions[name].act(viewOf(store, staged, fail), checked, (error, output) => {
        if (error) fail(error);
        else resolve(output ?? {});
      });
    } catch (error) {
      fail(error);
    }
  });
}
