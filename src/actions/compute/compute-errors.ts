/** The refusals of what instances are launched from and with: AWS's codes and texts. */
import { ApiError } from '../api-error.ts';
import { invalidValue, operationNotPermitted, parameterValue } from '../errors.ts';

/** @param attribute Such as `disableApiTermination`. @param verb Such as `terminated`. */
export function protectedInstance(instanceId: string, verb: string, attribute: string): ApiError {
  return operationNotPermitted(
    `The instance '${instanceId}' may not be ${verb}. Modify its '${attribute}' instance attribute and try again.`,
  );
}

/** An attribute that only a stopped instance changes. */
export function notStopped(instanceId: string): ApiError {
  return new ApiError(
    'IncorrectInstanceState',
    `The instance '${instanceId}' is not in the 'stopped' state.`,
  );
}

export function unknownInstanceType(type: string): ApiError {
  return parameterValue(`Invalid value '${type}' for InstanceType.`);
}

export function unknownInstanceTypes(types: readonly string[]): ApiError {
  return new ApiError(
    'InvalidInstanceType',
    `The following supplied instance types do not exist: [${types.join(', ')}]`,
  );
}

export function architectureMismatch(ofType: string, ofImage: string): ApiError {
  return parameterValue(
    `The architecture '${ofType}' of the specified instance type does not match the architecture '${ofImage}' of the specified AMI. Specify an instance type and an AMI that have matching architectures, and try again.`,
  );
}

export function attachmentLimitExceeded(count: number, type: string): ApiError {
  return new ApiError(
    'AttachmentLimitExceeded',
    `Interface count ${count} exceeds the limit for ${type}`,
  );
}

export function privateAddressLimitExceeded(): ApiError {
  return new ApiError(
    'PrivateIpAddressLimitExceeded',
    'Number of private addresses will exceed limit.',
  );
}

export function unknownKeyPair(name: string): ApiError {
  return new ApiError('InvalidKeyPair.NotFound', `The key pair '${name}' does not exist`);
}

export function duplicateKeyPair(name: string): ApiError {
  return new ApiError('InvalidKeyPair.Duplicate', `The keypair '${name}' already exists.`);
}

export function invalidKeyFormat(): ApiError {
  return new ApiError('InvalidKey.Format', 'Key is not in valid OpenSSH public key format');
}

export function imageNotYours(imageId: string): ApiError {
  return new ApiError('AuthFailure', `Not authorized for image:${imageId}`);
}

export function templateNameTaken(): ApiError {
  return new ApiError(
    'InvalidLaunchTemplateName.AlreadyExistsException',
    'Launch template name already in use.',
  );
}

export function malformedTemplateName(name: string): ApiError {
  return new ApiError(
    'InvalidLaunchTemplateName.MalformedException',
    `The launch template name '${name}' is not valid. A launch template name must be between 3 and 128 characters, and may contain letters, numbers, and the following characters: - ( ) . / _.`,
  );
}

export function noTemplateOfName(): ApiError {
  return new ApiError(
    'InvalidLaunchTemplateName.NotFoundException',
    'At least one of the launch templates specified in the request does not exist.',
  );
}

export function noTemplateVersion(id: string, version: string | number): ApiError {
  return new ApiError(
    'InvalidLaunchTemplateId.VersionNotFound',
    `Could not find the specified version ${version} for the launch template with ID ${id}.`,
  );
}

export function emptyTemplate(): ApiError {
  return new ApiError(
    'InvalidRequest',
    'The launch template data must have at least one parameter.',
  );
}

export function zoneOfSubnet(zone: string, subnetId: string, zoneOfIt: string): ApiError {
  return invalidValue(
    'availabilityZone',
    zone,
    `Subnet '${subnetId}' is in the availability zone ${zoneOfIt}`,
  );
}

export function malformedUserData(): ApiError {
  return new ApiError('InvalidUserData.Malformed', 'Invalid BASE64 encoding of user data.');
}

export function userDataTooLong(limit: number): ApiError {
  return parameterValue(`User data is limited to ${limit} bytes`);
}

export function noCreditSpecification(type: string): ApiError {
  return new ApiError(
    'InvalidParameterCombination',
    `The t2 unlimited credit specification is not supported for instance type '${type}'.`,
  );
}

export function volumeInUse(volumeId: string, instanceId: string): ApiError {
  return new ApiError('VolumeInUse', `Volume ${volumeId} is currently attached to ${instanceId}`);
}

export function profileAssociated(instanceId: string): ApiError {
  return new ApiError(
    'IncorrectState',
    `There is an existing association for instance ${instanceId}`,
  );
}

export function idempotentMismatch(): ApiError {
  return new ApiError(
    'IdempotentParameterMismatch',
    'Arguments on this idempotent request are inconsistent with arguments used in previous request(s).',
  );
}
