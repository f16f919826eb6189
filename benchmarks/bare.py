"""The least an endpoint can do: read JSON, insert one row, answer."""

from django.db import connection
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from leadhub.core.ids import new_id


class BareView(APIView):
    """One insert into a table without indexes of its own."""

    authentication_classes = ()
    permission_classes = ()

    def post(self, request: Request) -> Response:
        """Insert what was sent."""
        row, sent = new_id(), request.data
        name = sent["external_id"] if isinstance(sent, dict) else ""
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO bare (id, body) VALUES (%s, %s)", [row, name])
        return Response({"id": str(row)}, status=201)
