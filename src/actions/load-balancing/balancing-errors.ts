/**
 * The refusals of Elastic Load Balancing: its codes and texts, one small function each.
 * @source the API's model, as botocore has it; texts as clients have seen them
 */
import type { ActionService } from '../action.ts';
import { ApiError } from '../api-error.ts';

/** @param message A sentence of AWS's, without a full stop. */
export function validationError(message: string): ApiError {
  return new ApiError('ValidationError', message);
}

/** A value that the model of the API itself rules out. */
export function constraintError(path: string, value: string, constraint: string): ApiError {
  return validationError(
    `1 validation error detected: Value '${value}' at '${spoken(path)}' failed to satisfy constraint: ${constraint}`,
  );
}

/** Messages begin the names of parameters with a small letter. */
function spoken(path: string): string {
  return `${path.slice(0, 1).toLowerCase()}${path.slice(1)}`;
}

export const LOAD_BALANCING_SERVICE: ActionService = {
  common: {},
  refusals: {
    unknown: (path) => validationError(`The parameter '${path}' is not recognized`),
    missing: (name) =>
      validationError(
        `1 validation error detected: Value null at '${spoken(name)}' failed to satisfy constraint: Member must not be null`,
      ),
    wrongType: (path, value, wanted) =>
      constraintError(path, String(value), `Member must be of type ${wanted}`),
    notOneOf: (path, text, words) =>
      constraintError(path, text, `Member must satisfy enum value set: [${words.join(', ')}]`),
    unusableText: (path) => validationError(`Invalid characters in the value of '${path}'`),
  },
};

export function invalidConfiguration(message: string): ApiError {
  return new ApiError('InvalidConfigurationRequest', message);
}

/** @param noun Such as `load balancer`. */
export function malformedArn(arn: string, noun: string): ApiError {
  return validationError(`'${arn}' is not a valid ${noun} ARN`);
}

export function loadBalancerNotFound(arn: string): ApiError {
  return new ApiError('LoadBalancerNotFound', `Load balancer '${arn}' not found`);
}

export function loadBalancersNotFound(): ApiError {
  return new ApiError('LoadBalancerNotFound', 'One or more load balancers not found');
}

export function targetGroupNotFound(arn: string): ApiError {
  return new ApiError('TargetGroupNotFound', `Target group '${arn}' not found`);
}

export function targetGroupsNotFound(): ApiError {
  return new ApiError('TargetGroupNotFound', 'One or more target groups not found');
}

export function listenerNotFound(arn: string): ApiError {
  return new ApiError('ListenerNotFound', `Listener '${arn}' not found`);
}

export function listenersNotFound(): ApiError {
  return new ApiError('ListenerNotFound', 'One or more listeners not found');
}

export function duplicateLoadBalancer(name: string): ApiError {
  return new ApiError(
    'DuplicateLoadBalancerName',
    `A load balancer with the same name '${name}' exists, but with different settings`,
  );
}

export function duplicateTargetGroup(name: string): ApiError {
  return new ApiError(
    'DuplicateTargetGroupName',
    `A target group with the same name '${name}' exists, but with different settings`,
  );
}

/** A lab has Gateway Load Balancers only. */
export function onlyGatewayBalancers(type: string): ApiError {
  return new ApiError(
    'OperationNotPermitted',
    `This account does not support load balancers of type '${type}': a lab has those of type 'gateway'`,
  );
}

/** What other kinds of load balancers have. @param thing Such as `Security groups`. */
export function notOfGateway(thing: string): ApiError {
  return invalidConfiguration(`${thing} are not supported for load balancers of type 'gateway'`);
}

export function schemeNotOfGateway(): ApiError {
  return new ApiError(
    'InvalidScheme',
    "A scheme cannot be specified for load balancers of type 'gateway'",
  );
}

export function subnetNotFound(subnetId: string): ApiError {
  return new ApiError('SubnetNotFound', `The subnet ID '${subnetId}' does not exist`);
}

export function subnetOutOfAddresses(subnetId: string): ApiError {
  return new ApiError('InvalidSubnet', `Not enough IP space available in ${subnetId}`);
}

export function subnetWithoutIpv4(subnetId: string): ApiError {
  return new ApiError('InvalidSubnet', `The subnet ID '${subnetId}' has no IPv4 CIDR block`);
}

export function balancerInUse(arn: string): ApiError {
  return new ApiError(
    'ResourceInUse',
    `Load balancer '${arn}' cannot be deleted because it is currently associated with another service`,
  );
}

export function balancerProtected(arn: string): ApiError {
  return new ApiError(
    'OperationNotPermitted',
    `Load balancer '${arn}' cannot be deleted because deletion protection is enabled`,
  );
}

export function targetGroupInUse(arn: string): ApiError {
  return new ApiError(
    'ResourceInUse',
    `Target group '${arn}' is currently in use by a listener or a rule`,
  );
}

/** @source "Quotas for your Gateway Load Balancers": a target group has one load balancer at most */
export function groupHasBalancer(arn: string): ApiError {
  return new ApiError(
    'TargetGroupAssociationLimit',
    `The following target groups cannot be associated with more than one load balancer: ${arn}`,
  );
}

/** A Gateway Load Balancer has one listener, for all packets. */
export function duplicateListener(): ApiError {
  return new ApiError('DuplicateListener', 'A listener already exists for this load balancer');
}

export function badListenerAction(message: string): ApiError {
  return new ApiError('InvalidLoadBalancerAction', message);
}

/** @param message What is wrong with which targets. */
export function invalidTarget(message: string): ApiError {
  return new ApiError('InvalidTarget', message);
}

/** @param code Such as `TooManyTargets`. @param things Such as `targets`. */
export function tooMany(code: string, things: string): ApiError {
  return new ApiError(code, `The maximum number of ${things} has been reached`);
}

export function duplicateTagKeys(key: string): ApiError {
  return new ApiError('DuplicateTagKeys', `Tag key '${key}' was specified more than once`);
}
