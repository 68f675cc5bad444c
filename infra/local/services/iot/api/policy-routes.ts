/** Attaching policies. Making them is the template's business alone. */
import * as z from 'zod';
import type { ControlPlane } from './control-plane-deps.ts';
import type { Route } from './rest.ts';
import { flag, on, pageSize, route } from './rest.ts';

const attachment = z.strictObject({ policyName: z.string().regex(/^[\w+=,.@-]{1,128}$/), target: z.string() });

export function policyRoutes({ registry, arns }: Pick<ControlPlane, 'registry' | 'arns'>): Route[] {
  return [
    route({
      name: 'AttachPolicy',
      method: 'PUT',
      path: '/target-policies/{policyName}',
      input: attachment,
      demands: ({ target }) => on('AttachPolicy', target),
      run: ({ policyName, target }) => {
        registry.policies.attach(policyName, target);
        return undefined;
      },
    }),
    route({
      name: 'DetachPolicy',
      method: 'POST',
      path: '/target-policies/{policyName}',
      input: attachment,
      demands: ({ target }) => on('DetachPolicy', target),
      run: ({ policyName, target }) => {
        registry.policies.detach(policyName, target);
        return undefined;
      },
    }),
    route({
      name: 'ListAttachedPolicies',
      method: 'POST',
      path: '/attached-policies/{target}',
      // Never more than ten, so one page; groups have no parents, so nothing to recurse into.
      input: z.strictObject({ target: z.string(), recursive: flag.optional(), pageSize: pageSize.optional() }),
      demands: ({ target }) => on('ListAttachedPolicies', target),
      run: ({ target }) => ({
        policies: registry.policies
          .attachedTo(target)
          .map(({ name }) => ({ policyName: name, policyArn: arns.of('policy', name) })),
      }),
    }),
  ];
}
