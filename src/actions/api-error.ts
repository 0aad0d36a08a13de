/** A refusal with AWS's own error code and message. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** AWS's code, such as `InvalidSubnetID.NotFound`. */
  readonly code: string;
  /** The HTTP status that AWS answers with. */
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}
