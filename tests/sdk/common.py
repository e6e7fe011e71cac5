"""What the tests share: a client of the official SDK, signed requests over plain HTTP."""

import os
import time
import unittest

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkmodelarts.v1 import (
    CreatePoolRequest,
    CreatePoolRequestBody,
    ModelArtsClient,
    PoolLabelsCreation,
    PoolMetadataCreation,
    PoolResourceFlavor,
    PoolSpecCreation,
    PoolSpecCreationNetwork,
    ShowPoolRequest,
)

URL = os.environ["SIMULATOR_URL"]
PROJECT = os.environ["SIMULATOR_PROJECT"]
NETWORK = os.environ["SIMULATOR_NETWORK"]
WORKSPACE = os.environ["SIMULATOR_WORKSPACE"]

CPU = "modelarts.vm.cpu.8ud"
GPU = "modelarts.vm.gpu.tnt004"
MERGE_PATCH = "application/merge-patch+json"


def client(secret=os.environ["SIMULATOR_SECRET_KEY"]):
    keys = BasicCredentials(os.environ["SIMULATOR_ACCESS_KEY"], secret, PROJECT)
    return ModelArtsClient.new_builder().with_credentials(keys).with_endpoint(URL).build()


def until(get, is_enough, seconds=30):
    """Asks until the answer will do."""
    end = time.monotonic() + seconds
    while True:
        answer = get()
        if is_enough(answer):
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"still not there after {seconds} s: {answer}")
        time.sleep(0.05)


def pool_body(name, count=1, flavor=CPU):
    return CreatePoolRequestBody(
        api_version="v2",
        kind="Pool",
        metadata=PoolMetadataCreation(labels=PoolLabelsCreation(os_modelarts_name=name)),
        spec=PoolSpecCreation(
            type="Dedicate",
            scope=["Train"],
            network=PoolSpecCreationNetwork(name=NETWORK),
            resources=[PoolResourceFlavor(flavor=flavor, count=count)],
        ),
    )


class Case(unittest.TestCase):
    """Has a client and can make pools."""

    @classmethod
    def setUpClass(cls):
        cls.client = client()

    def show(self, pool):
        return self.client.show_pool(ShowPoolRequest(pool_name=pool))

    def ready_pool(self, name, count=1, flavor=CPU):
        """Creates a pool and returns its ID when all nodes are there."""
        body = pool_body(name, count, flavor)
        pool = self.client.create_pool(CreatePoolRequest(body=body)).metadata.name
        self.until_nodes(pool, count)
        return pool

    def until_nodes(self, pool, count):
        """Waits until the pool is running with so many nodes, and none comes or goes."""

        def at_rest(shown):
            nodes = shown.status.resources
            return (
                shown.status.phase == "Running"
                and nodes.available is not None
                and nodes.available.count == count
                and not (nodes.creating or nodes.deleting)
            )

        return until(lambda: self.show(pool), at_rest)

    def refused(self, status, code, call):
        """Makes a call that must be refused, and returns the error."""
        with self.assertRaises(ClientRequestException) as caught:
            call()
        error = caught.exception
        self.assertEqual((error.status_code, error.error_code), (status, code), error.error_msg)
        self.assertTrue(error.request_id)
        return error
