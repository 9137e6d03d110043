import {
  type At,
  AwsError,
  type AwsPlace,
  type Kernel,
  type Need,
  type Principal,
  type Service,
} from '../../../sandbox/kernel/kernel.ts';

export const placedIn = (kernel: Kernel, service: Service, principal: Principal, place: AwsPlace): At<any> => ({
  ...place,
  kernel,
  principal,
  requestId: kernel.uuid(),
  state: kernel.state(service, place),
});

/** Authorizes and runs an operation. Without `needs`, it needs the action with its name. */
export async function callOperation(
  kernel: Kernel,
  principal: Principal,
  place: AwsPlace,
  serviceName: string,
  operationName: string,
  input: unknown,
): Promise<any> {
  const service = kernel.services!.find(({ name }) => name === serviceName);
  const operation = (service?.operations as Record<string, any> | undefined)?.[operationName];
  if (!service || !operation)
    throw new AwsError('NotModelled', `The sandbox does not model ${serviceName}:${operationName}.`, 501);
  const at = placedIn(kernel, service, principal, place);
  const whole: Need = { action: `${service.prefix}:${operationName}`, resource: '*' };
  for (const need of operation.needs?.(input, at) ?? [whole]) kernel.authorize(principal, place, need);
  return operation.run(input, at);
}
