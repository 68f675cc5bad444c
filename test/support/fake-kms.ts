/** KMS for unit tests: one key in memory, and ciphertexts that open for the context they were made for and no other. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

type Context = Readonly<Record<string, string>>;
interface Command {
  readonly constructor: { readonly name: string };
  readonly input: {
    readonly Plaintext?: Uint8Array;
    readonly CiphertextBlob?: Uint8Array;
    readonly EncryptionContext?: Context;
  };
}

const associated = (context: Context) => Buffer.from(JSON.stringify(Object.entries(context).toSorted()));

class InvalidCiphertextException extends Error {
  override readonly name = 'InvalidCiphertextException';
}

export function fakeKms() {
  const key = randomBytes(32);

  function seal(plain: Uint8Array, context: Context): Buffer {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(associated(context));
    const body = Buffer.concat([cipher.update(plain), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), body]);
  }

  function open(blob: Uint8Array, context: Context): Buffer {
    try {
      const decipher = createDecipheriv('aes-256-gcm', key, blob.subarray(0, 12)).setAAD(associated(context));
      decipher.setAuthTag(blob.subarray(12, 28));
      return Buffer.concat([decipher.update(blob.subarray(28)), decipher.final()]);
    } catch {
      throw new InvalidCiphertextException();
    }
  }

  return {
    /** Base64. */
    encrypt: async (text: string, context: Context) => seal(Buffer.from(text), context).toString('base64'),

    async send(command: Command) {
      const { Plaintext = new Uint8Array(), CiphertextBlob = new Uint8Array(), EncryptionContext = {} } = command.input;
      switch (command.constructor.name) {
        case 'EncryptCommand':
          return { CiphertextBlob: seal(Plaintext, EncryptionContext) };
        case 'DecryptCommand':
          return { Plaintext: open(CiphertextBlob, EncryptionContext) };
        case 'GenerateDataKeyCommand':
          return { CiphertextBlob: seal(randomBytes(32), EncryptionContext) };
        default:
          throw new Error(`Unknown here: ${command.constructor.name}`);
      }
    },
  };
}
