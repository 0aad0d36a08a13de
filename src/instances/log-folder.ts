/** Where an instance sees the folder of its logs. */
export const LOG_FOLDER = '/var/log/vpclab';
