const REPLY_TIMEOUT_MS = 10_000;

/** The fields of CloudFormation's request to a custom resource that the functions use. */
export interface ResourceRequest {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly ResponseURL: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
}

/**
 * Runs the work of a custom resource and reports its outcome to CloudFormation, which would otherwise wait
 * until its own time limit. Throws only if the report cannot be delivered. The reported reason is the message
 * that `work` threw: the driver's messages name users and hosts, never passwords.
 */
export async function answerRequest(
  request: ResourceRequest,
  PhysicalResourceId: string,
  work: () => Promise<unknown>,
): Promise<void> {
  let failure: string | undefined;
  try {
    await work();
  } catch (error) {
    failure = error instanceof Error ? error.message : 'unknown error';
  }
  const { StackId, RequestId, LogicalResourceId, ResponseURL } = request;
  const reply = await fetch(ResponseURL, {
    method: 'PUT',
    body: JSON.stringify({
      Status: failure === undefined ? 'SUCCESS' : 'FAILED',
      Reason: failure,
      PhysicalResourceId,
      StackId,
      RequestId,
      LogicalResourceId,
    }),
    signal: AbortSignal.timeout(REPLY_TIMEOUT_MS),
  });
  if (!reply.ok) throw new Error(`CloudFormation rejected the resource's report: ${reply.status}`);
}
