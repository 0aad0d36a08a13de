/** What a lab may be called: its name is part of the names of namespaces, folders and control groups. */
export const LAB_NAME_PATTERN = /^[a-z](?:[a-z0-9-]{0,22}[a-z0-9])?$/;
